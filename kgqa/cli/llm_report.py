"""Printing of LLM reports."""

from __future__ import annotations

from rich.text import Text

from kgqa.answer import LlmReport
from kgqa.chat import Usage
from kgqa.cli.console import errors, output
from kgqa.graph.name import clean_text

__all__ = ["in_words", "show_llm_report"]


def show_llm_report(llm_report: LlmReport, *, open_: bool) -> None:
    """Print a report: names that are not from the graph to stdout if `open_`, everything else to stderr."""
    for name in llm_report.outside:
        if open_:
            output.print(Text(name, style="magenta"), Text("  not from the graph", style="dim"))
        else:
            errors.print(
                f"not an answer, because no cited chain contains it: {name}", style="dim", markup=False
            )
    if llm_report.failure:
        why = clean_text(llm_report.failure)
        errors.print(f"{llm_report.model} failed, so the vote answered: {why}", style="yellow", markup=False)
    if llm_report.agreement == "conflicts":
        own = ", ".join(llm_report.closed_book or ())
        errors.print(
            f"conflict: without the graph {llm_report.model} answers {own}", style="yellow", markup=False
        )
    if llm_report.conflict is not None:
        errors.print(f"the chains changed its predictions by {llm_report.conflict:.2f} nats", style="dim")
    errors.print(f"{llm_report.model}: {in_words(llm_report.usage)}", style="dim", markup=False)


def in_words(usage: Usage) -> str:
    """What replies took, on one line.

    >>> in_words(Usage(2, 1, 370, 12, 0.00125))
    '2 requests, 1 from the cache, 370 + 12 tokens, cost 0.00125'
    """
    parts = [f"{usage.requests} request{'' if usage.requests == 1 else 's'}"]
    if usage.cached:
        parts.append(f"{usage.cached} from the cache")
    parts.append(f"{usage.prompt_tokens} + {usage.completion_tokens} tokens")
    if usage.cost is not None:
        parts.append(f"cost {usage.cost:.4g}")
    return ", ".join(parts)
