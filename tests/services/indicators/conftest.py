"""The market of the contracts' tests: figures are sums over real contracts, registered through the desk."""

from tests.services.contracts.conftest import world  # noqa: F401 - the fixture
