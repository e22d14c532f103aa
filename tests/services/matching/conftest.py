"""A migrated, empty market in a folder of the test."""

import pytest

from frontend.opening import open_market
from frontend.schema import migrate
from services.ground.settings import Settings


@pytest.fixture
def market(tmp_path):
    made = open_market(Settings(home=tmp_path, _env_file=None))
    migrate(made.database)
    yield made
    made.close()
