"""Quantities in free text: numbers with their comparison, unit and the thing they belong to.

folding (signs) -> literals (numbers) -> masks (what is no quantity) -> units -> comparisons (words around) -> names;
reading puts them together, conversion compares across units.
"""

from search.quantities.reading import Quantity, find_quantities

__all__ = ["Quantity", "find_quantities"]
