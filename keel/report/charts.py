"""Charts in one hand: colours, lines, areas."""

from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go

INK, ACCENT, SECOND, MUTED = "#1b2733", "#0b6e8f", "#d1603d", "#c9d1d9"
THIRD, FOURTH = "#6f8f3a", "#8d6a9f"
"""Beside the first two, where three or four things are compared."""

Series = tuple[str, str, Sequence[float | None]]
"""Name, colour, values."""


def percent(values: Iterable[float | None]) -> list[float | None]:
    """Parts as percentages."""
    return [None if value is None else 100 * value for value in values]


def lines(x: Sequence[Any], *series: Series, suffix: str = "") -> go.Figure:
    """A line each; what is muted is wide, as the others are drawn over it."""
    figure = go.Figure()
    for name, colour, values in series:
        width = 6 if colour == MUTED else 2
        figure.add_scatter(
            x=x, y=values, name=name, mode="lines", line={"color": colour, "width": width}
        )
    figure.update_yaxes(ticksuffix=suffix, zeroline=False)
    return figure


def bars(x: Sequence[Any], *series: Series) -> go.Figure:
    """Amounts, above and below zero."""
    figure = go.Figure()
    for name, colour, values in series:
        figure.add_bar(x=x, y=values, name=name, marker={"color": colour})
    figure.update_layout(barmode="relative")
    return figure


def areas(x: Sequence[Any], *series: Series, suffix: str = "") -> go.Figure:
    """Parts of a whole, one on the other."""
    figure = go.Figure()
    for name, colour, values in series:
        figure.add_scatter(
            x=x,
            y=values,
            name=name,
            mode="lines",
            stackgroup="all",
            line={"color": colour, "width": 0.5},
            fillcolor=_pale(colour),
        )
    figure.update_yaxes(ticksuffix=suffix, zeroline=False)
    return figure


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.55)"


def styled(figure: go.Figure) -> go.Figure:
    """The house's type, margins and legend."""
    figure.update_layout(
        template="simple_white",
        height=340,
        margin={"l": 60, "r": 20, "t": 10, "b": 40},
        font={"family": "Georgia, serif", "size": 14, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        xaxis={"title": {"font": {"size": 14}}},
        yaxis={"title": {"font": {"size": 14}}},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="x unified",
    )
    return figure


def div(figure: go.Figure) -> str:
    """A chart for a page that holds plotly already."""
    text: str = styled(figure).to_html(
        full_html=False,
        include_plotlyjs=False,
        config={"displayModeBar": False, "responsive": True},
    )
    return text
