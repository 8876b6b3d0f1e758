"""The pool's refusals."""


class PoolError(Exception):
    """A refusal with the name and the values of the contract's custom error."""

    def __init__(self, name: str, **values: int | str) -> None:
        super().__init__(name, values)
        self.name = name
        self.values = values

    def __str__(self) -> str:
        """Spell the error as Solidity does, with its values named."""
        return f"{self.name}({', '.join(f'{key}={value}' for key, value in self.values.items())})"
