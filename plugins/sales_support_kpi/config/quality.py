"""`quality:` of `company.yml`: what is usual, and how far from it data may be at the two doors."""

from typing import Annotated

from pydantic import Field, Strict

from sales_support_kpi.config.base import Model, Number, Share

Count = Annotated[int, Strict(), Field(ge=1)]


class Quality(Model):
    """The thresholds of the in-door and the out-door; docs/quality.md says why each is there.

    Attributes:
        usual_nights: how many earlier nights (for volumes: of the same weekday) say what is usual.
        min_nights: with fewer of them nothing is usual yet.
        min_volume: share of the usual night's rows that has to arrive.
        max_volume: how many times the usual night's rows may arrive.
        max_bad_rows: share of the rows of a load that may be kept back for one cause.
        max_duplicates: share of the rows of a load that may repeat another one.
        min_rows: fewer rows, or values that should be there, are too few to be compared.
        max_fill_drop: by how much the share of filled cells of a column may fall.
        max_ahead_hours: how far after the landing the newest instant of a load may lie.
        max_behind_hours: how far the newest instant of a full load may lie before the last one's.
        max_rows_lost: share of the rows behind a complete month that may vanish in one night.
        keep_docs: nights whose Data Docs and dbt docs are kept.
    """

    usual_nights: Count
    min_nights: Count
    min_volume: Share
    max_volume: Annotated[Number, Field(ge=1)]
    max_bad_rows: Share
    max_duplicates: Share
    min_rows: Count
    max_fill_drop: Share
    max_ahead_hours: Annotated[Number, Field(gt=0)]
    max_behind_hours: Annotated[Number, Field(gt=0)]
    max_rows_lost: Share
    keep_docs: Count
