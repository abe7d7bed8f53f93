"""What an answer of a venue adds to what it has told by itself.

It is asked for everything since a moment before the last answer, so nearly all of it was told as it
happened, and half of that in the answer before. Decided upon, that changes nothing; written down
all the same, it made a third of the journal. Nor does it bring anything back that has left State:
after a connection was away for a while, that would be all that ended shortly before.
"""

from msgspec.structs import replace

from omnivenue.engine import State
from omnivenue.message import ExecutionReport, StatusReport
from omnivenue.model import ClOrdID
from omnivenue.oms import Order, is_told
from omnivenue.runtime.archive import Archive


def news(state: State, archive: Archive, answer: StatusReport) -> StatusReport:
    """`answer` without the reports that say, of orders in State or out of it, what is known."""
    left: dict[ClOrdID, Order | None] = {}  # looked up once each, for it is on the disk

    def is_news(report: ExecutionReport) -> bool:
        cl_ord_id = report.cl_ord_id
        order = state.orders.get(cl_ord_id)
        if order is None:
            if cl_ord_id not in left:
                left[cl_ord_id] = archive.child(cl_ord_id)
            order = left[cl_ord_id]
        return order is None or not is_told(order, report)

    reports = tuple([report for report in answer.reports if is_news(report)])
    return answer if len(reports) == len(answer.reports) else replace(answer, reports=reports)
