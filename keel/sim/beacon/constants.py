"""Constants of the mainnet preset, in gwei and epochs; names as in consensus-specs.

Sources: github.com/ethereum/consensus-specs, presets/mainnet/{phase0,altair,bellatrix,capella,
electra}.yaml and configs/mainnet.yaml. Electra brought EIP-6110, EIP-7002 and EIP-7251.
"""

from typing import Final

GWEI: Final = 10**9
"""Wei in a gwei, and gwei in an ether."""
FAR_FUTURE_EPOCH: Final = 2**62
"""Never. The specification's 2**64 - 1 doesn't fit a signed word."""

# Time: phase0
SECONDS_PER_SLOT: Final = 12
SLOTS_PER_EPOCH: Final = 32
SECONDS_PER_EPOCH: Final = SECONDS_PER_SLOT * SLOTS_PER_EPOCH
EPOCHS_PER_DAY: Final = 86_400 // SECONDS_PER_EPOCH
EPOCHS_PER_YEAR: Final = 365 * EPOCHS_PER_DAY
MAX_SEED_LOOKAHEAD: Final = 4
MIN_VALIDATOR_WITHDRAWABILITY_DELAY: Final = 256
SHARD_COMMITTEE_PERIOD: Final = 256
MIN_EPOCHS_TO_INACTIVITY_PENALTY: Final = 4

# Balances: phase0, electra
EFFECTIVE_BALANCE_INCREMENT: Final = GWEI
MIN_ACTIVATION_BALANCE: Final = 32 * GWEI
MAX_EFFECTIVE_BALANCE_ELECTRA: Final = 2_048 * GWEI
EJECTION_BALANCE: Final = 16 * GWEI
HYSTERESIS_QUOTIENT: Final = 4
HYSTERESIS_DOWNWARD_MULTIPLIER: Final = 1
HYSTERESIS_UPWARD_MULTIPLIER: Final = 5

# Churn and queues: electra
MIN_PER_EPOCH_CHURN_LIMIT_ELECTRA: Final = 128 * GWEI
MAX_PER_EPOCH_ACTIVATION_EXIT_CHURN_LIMIT: Final = 256 * GWEI
CHURN_LIMIT_QUOTIENT: Final = 65_536
MAX_PENDING_DEPOSITS_PER_EPOCH: Final = 16

# Sweep: capella
MAX_WITHDRAWALS_PER_PAYLOAD: Final = 16

# Rewards: phase0, altair
BASE_REWARD_FACTOR: Final = 64
TIMELY_SOURCE_WEIGHT: Final = 14
TIMELY_TARGET_WEIGHT: Final = 26
TIMELY_HEAD_WEIGHT: Final = 14
SYNC_REWARD_WEIGHT: Final = 2
PROPOSER_WEIGHT: Final = 8
WEIGHT_DENOMINATOR: Final = 64

# Inactivity: altair, bellatrix
INACTIVITY_SCORE_BIAS: Final = 4
INACTIVITY_SCORE_RECOVERY_RATE: Final = 16
INACTIVITY_PENALTY_QUOTIENT_BELLATRIX: Final = 2**24

# Slashing: phase0, bellatrix, electra
EPOCHS_PER_SLASHINGS_VECTOR: Final = 8_192
PROPORTIONAL_SLASHING_MULTIPLIER_BELLATRIX: Final = 3
MIN_SLASHING_PENALTY_QUOTIENT_ELECTRA: Final = 4_096
