"""Every admin view, and what each address of the admin asks of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette

from admin_views.amendments import AmendmentView, RefundView
from admin_views.announcements import AnnouncementView
from admin_views.answers import AnswerView
from admin_views.approvals import ApprovalView
from admin_views.base import DeskView, Permission
from admin_views.cases import CaseView
from admin_views.contacts import ContactView, FollowUpView
from admin_views.customers import CustomerView
from admin_views.disclosures import DisclosureView
from admin_views.duty import OnDutyView
from admin_views.house import AuditView, JobView, PersonView
from admin_views.library import ArticleView, MandateView
from admin_views.messages import FeedbackView, MessageView
from admin_views.order_terms import OrderTermsView
from admin_views.orders import OrderView
from admin_views.payment_limits import PaymentLimitView
from admin_views.payments import PaymentView
from admin_views.policy import CalendarDayView, CalendarView, PolicyVersionView
from admin_views.prices import ListPriceView, OrderRulesView, PriceListView
from admin_views.products import ProductView
from admin_views.promises import PromiseView
from admin_views.return_periods import ReturnPeriodView
from admin_views.returns import ReturnView
from admin_views.site import DeskAdmin, doors
from admin_views.standards import StandardView
from admin_views.support import ProductLinkView, SerialView
from admin_views.tone import ListedWordView
from admin_views.verification import (
    ChannelRuleView,
    CustomerNeedView,
    OwnChannelView,
    PaymentWayView,
    VerificationMethodView,
    VerificationNeedView,
)
from portal.desk.work import Desk
from portal.settings import Settings

if TYPE_CHECKING:
    from portal.database import Database

VIEWS: tuple[type[DeskView], ...] = (
    CustomerView,
    ContactView,
    CaseView,
    FollowUpView,
    PromiseView,
    ProductView,
    PriceListView,
    ListPriceView,
    ProductLinkView,
    SerialView,
    OrderView,
    AmendmentView,
    ApprovalView,
    ReturnView,
    PaymentView,
    RefundView,
    MessageView,
    FeedbackView,
    CalendarView,
    CalendarDayView,
    PolicyVersionView,
    OnDutyView,
    MandateView,
    OrderRulesView,
    ReturnPeriodView,
    ArticleView,
    ChannelRuleView,
    OwnChannelView,
    PaymentWayView,
    PaymentLimitView,
    CustomerNeedView,
    ListedWordView,
    StandardView,
    AnnouncementView,
    OrderTermsView,
    VerificationMethodView,
    VerificationNeedView,
    PersonView,
    AnswerView,
    AuditView,
    DisclosureView,
    JobView,
)
"""In the order in which they stand in the menu."""


def routes() -> list[tuple[str, str, Permission]]:
    """Every address of the admin: method, path, permission. Nothing else answers below /admin."""
    return doors(VIEWS)


def mount(app: Starlette, desk: Desk, database: Database, settings: Settings) -> DeskAdmin:
    """Put the admin under /admin of the portal."""
    del desk, settings  # both are found in the application's state
    return DeskAdmin(app, database, VIEWS)
