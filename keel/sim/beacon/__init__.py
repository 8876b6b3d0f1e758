"""The consensus layer as of Electra (Pectra), epoch by epoch, in integer gwei.

No chain access: `BeaconLayer` is told of deposits, exits and slashings, and answers what the
oracle's members would see. The pool's validators are followed one by one, the rest of the network
as one row of a given weight. Departures from consensus-specs, all of them:

- Attestations are rewarded at the end of their own epoch; the specification does so one later.
- Proposals and sync committees pay every validator their expected value, instead of a few by lot.
- The sweep takes 16 validators a slot: it takes every validator it passes to have a surplus.
- Pool validators hold 0x01 or 0x02 credentials; partial withdrawal requests and consolidations are
  not modelled, and strangers that enter do not raise the network's stake.
"""
