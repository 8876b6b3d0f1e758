"""The base of every error that Keel raises on purpose."""


class KeelError(Exception):
    """Something a user can act on: what happened, then the next step.

    Parameters
    ----------
    problem : str
        One sentence without a full stop.
    next_step : str, optional
        What to do about it, as an imperative.
    """

    def __init__(self, problem: str, next_step: str = "") -> None:
        self.problem = problem
        self.next_step = next_step
        super().__init__(f"{problem}. Next: {next_step}" if next_step else problem)
