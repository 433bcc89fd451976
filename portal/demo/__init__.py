"""The demo desk: an invented shop for outdoor and kitchen things, its people, customers and last six weeks.

Everything happens through the desk's own deeds, each at its own moment in the past, in one transaction: the demo is
there as a whole or not at all, and loading it again changes nothing.
"""

from portal.demo.cast import DEMO_PEOPLE, DemoPerson
from portal.demo.loading import load

__all__ = ["DEMO_PEOPLE", "DemoPerson", "load"]
