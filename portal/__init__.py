"""Handrail: an order and customer-service desk that walks people through the procedure."""

__version__ = "0.2.0"
