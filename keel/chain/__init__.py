"""Chains: JSON-RPC, Anvil, contract handles, deployment and the deployed stack."""
