"""What an answer of a venue adds to what it has told by itself.

It is asked for everything since a moment before the last answer, so nearly all of it was told as it
happened, and half of that in the answer before. Decided upon, that changes nothing; written down
all the same, it made a third of the journal.
"""

from msgspec.structs import replace

from omnivenue.engine import State
from omnivenue.message import ExecutionReport, StatusReport
from omnivenue.oms import is_told


def news(state: State, answer: StatusReport) -> StatusReport:
    """`answer` without the reports that say, of orders in State, what State knows of them."""
    reports = tuple([report for report in answer.reports if not _is_told(state, report)])
    return answer if len(reports) == len(answer.reports) else replace(answer, reports=reports)


def _is_told(state: State, report: ExecutionReport) -> bool:
    order = state.orders.get(report.cl_ord_id)
    return order is not None and is_told(order, report)
