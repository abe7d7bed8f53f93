"""One TOML file becomes frozen structs. Unknown keys are errors; all errors are told at once."""

from omnivenue.config.chains import chains_of
from omnivenue.config.defaults import DEFAULTS, FURTHER_CHECKS
from omnivenue.config.load import BUILT_IN, load, parse_config
from omnivenue.config.read import ConfigInvalid, Mistake
from omnivenue.config.sample import sample
from omnivenue.config.settled import (
    AccountConfig,
    Balance,
    Config,
    SecretRef,
    VenueConfig,
)
from omnivenue.config.shape import FaultsSection, ServerSection
from omnivenue.config.show import schema, show

__all__ = [
    "BUILT_IN",
    "DEFAULTS",
    "FURTHER_CHECKS",
    "AccountConfig",
    "Balance",
    "Config",
    "ConfigInvalid",
    "FaultsSection",
    "Mistake",
    "SecretRef",
    "ServerSection",
    "VenueConfig",
    "chains_of",
    "load",
    "parse_config",
    "sample",
    "schema",
    "show",
]
