"""Statistics with common tags for all metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flytekit.configuration import StatsConfig
from flytekit.interfaces.stats.client import ScopeableStatsProxy, get_base_stats


class TaggableStats(ScopeableStatsProxy):
    """A proxy that adds its own tags to each metric. For a key in both, its own tag takes precedence.

    :param client: a ``statsd`` client or pipeline, or another proxy.
    :param full_prefix: the whole scope, that of ``client`` included. It is for the caller to know; it isn't sent.
    :param cfg: if it disables tags, no metric gets any.
    :param prefix: the scope that this proxy adds to that of ``client``.
    :param tags: the tags; the mapping is copied.
    """

    def __init__(
        self,
        client: Any,
        full_prefix: str | None,
        cfg: StatsConfig | None = None,
        prefix: str | None = None,
        tags: Mapping[str, object] | None = None,
    ) -> None:
        self._tags: dict[str, object] = dict(tags or {})
        self._full_prefix = full_prefix
        self._cfg = cfg
        super().__init__(client, prefix=prefix)

    def _all_tags(self, tags: Mapping[str, object] | None, per_host: bool) -> Mapping[str, object] | None:
        if self._cfg is not None and self._cfg.disabled_tags:
            return None
        return super()._all_tags({**(tags or {}), **self._tags}, per_host)

    def clear_tags(self) -> None:
        """Remove all tags of this proxy. Scopes created from it keep theirs."""
        self._tags = {}

    def extend_tags(self, tags: Mapping[str, object]) -> None:
        """Add tags to this proxy, and to scopes created from it later.

        :param tags: the tags. A tag replaces an existing one with the same key.
        """
        self._tags = {**self._tags, **tags}

    def pipeline(self) -> TaggableStats:
        """Return a proxy with the same scope and tags that collects metrics and sends them together."""
        return self._for_client(self._client.pipeline())

    def __enter__(self) -> TaggableStats:
        return self._for_client(self._client.__enter__())

    def _for_client(self, client: Any) -> TaggableStats:
        return TaggableStats(client, self._full_prefix, self._cfg, self._scope_prefix, self._tags)

    def get_stats(self, name: str, copy_tags: bool = True) -> TaggableStats:
        """Return a proxy for a nested scope.

        :param name: the scope.
        :param copy_tags: whether it starts with the tags that this proxy has now, or with none.
        """
        full_prefix = f"{self._full_prefix}.{name}" if self._full_prefix else self._p_with_prefix(name)
        tags = self._tags if copy_tags else None
        return TaggableStats(self._client, full_prefix, self._cfg, self._p_with_prefix(name), tags)

    @property
    def full_prefix(self) -> str | None:
        """The whole scope, that of the client included."""
        return self._full_prefix


def get_stats(cfg: StatsConfig, prefix: str, tags: Mapping[str, object] | None = None) -> TaggableStats:
    """Return tagged statistics for the configured daemon.

    :param cfg: host and port of the daemon, or that statistics or tags are disabled.
    :param prefix: the scope of all metrics, which is turned into lower case.
    :param tags: tags of all metrics.
    """
    scope = prefix.lower()
    return TaggableStats(get_base_stats(cfg, scope), scope, cfg, tags=None if cfg.disabled_tags else tags)
