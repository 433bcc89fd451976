"""The peer: SQLAdmin as it comes out of the box, one view of orders and one of customers. Without sign-in, so flattered."""

from __future__ import annotations

from typing import ClassVar

from sqladmin import Admin, ModelView
from starlette.applications import Starlette

from models import Customer, Order
from portal.database import Database


class OrderView(ModelView, model=Order):
    column_list: ClassVar = [Order.number, Order.placed_at, Order.status, Order.channel, Order.total_minor]
    column_default_sort: ClassVar = [(Order.placed_at, True), (Order.id, True)]
    page_size = 25


class CustomerView(ModelView, model=Customer):
    column_list: ClassVar = [Customer.number, Customer.name, Customer.email, Customer.phone, Customer.city]
    column_searchable_list: ClassVar = [Customer.name, Customer.phone, Customer.email]
    column_default_sort: ClassVar = [(Customer.id, True)]
    page_size = 25


def create_app(url: str) -> Starlette:
    """The plain admin on this database."""
    app = Starlette()
    admin = Admin(
        app, Database(url).reader, templates_dir="none"
    )  # else it would find the portal's templates
    admin.add_view(OrderView)
    admin.add_view(CustomerView)
    return app
