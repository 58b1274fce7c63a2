"""Splink beside our search: runs where Splink is installed, in an environment of its own.

prepared records (parquet) → blocking on the same keys → a model trained once, then frozen → pairs

    python duplicates_splink.py train RECORDS.parquet MODEL.json PAIRS.parquet
    python duplicates_splink.py find RECORDS.parquet MODEL.json PAIRS.parquet
"""

import resource
import sys
from pathlib import Path

import duckdb
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

KEYS = ("key_n", "key_p", "key_e", "key_a", "key_z")
_NAMES = (
    "greatest(jaro_winkler_similarity(name_l, name_r), "
    "jaro_winkler_similarity(sorted_name_l, sorted_name_r)) >= {0}"
)
_WORDS = (
    "greatest(jaro_winkler_similarity(address_l, address_r), "
    "len(list_intersect(words_l, words_r)) / greatest(least(len(words_l), len(words_r)), 1)) >= {0}"
)


def settings() -> SettingsCreator:
    """What our search looks at, as comparisons whose weights are learnt."""
    names = [levels.CustomLevel(_NAMES.format(limit)) for limit in (0.95, 0.9, 0.85, 0.75)]
    places = [levels.CustomLevel(_WORDS.format(limit)) for limit in (0.95, 0.85, 0.75, 0.6)]
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        blocking_rules_to_generate_predictions=[block_on(key) for key in KEYS],
        comparisons=[
            comparisons.CustomComparison(
                [
                    levels.NullLevel("name"),
                    levels.ExactMatchLevel("name"),
                    *names,
                    levels.ElseLevel(),
                ],
                output_column_name="name",
            ),
            comparisons.CustomComparison(
                [
                    levels.NullLevel("address"),
                    levels.ExactMatchLevel("address"),
                    *places,
                    levels.ElseLevel(),
                ],
                output_column_name="address",
            ),
            comparisons.CustomComparison(
                [
                    levels.NullLevel("postal_code"),
                    levels.ExactMatchLevel("postal_code"),
                    levels.DamerauLevenshteinLevel("postal_code", 1),
                    levels.ElseLevel(),
                ],
                output_column_name="postal_code",
            ),
        ],
    )


def main(step: str, records: str, model: str, pairs: str) -> None:
    """Train on data without knowing its duplicates, or find them with what was learnt."""
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute("set memory_limit = '6GB'")
    connection.execute(f"create table records as from read_parquet('{records}')")
    api = DuckDBAPI(connection)
    table = api.register("records")
    if step == "train":
        linker = Linker(table, settings(), log_level=40)
        train = linker.training
        train.estimate_probability_two_random_records_match([block_on("name", "address")], 0.5)
        train.estimate_u_using_random_sampling(max_pairs=2e6, seed=20261031)
        train.estimate_parameters_using_expectation_maximisation(
            block_on("key_z"), record_sample_proportion=1.0
        )
        train.estimate_parameters_using_expectation_maximisation(
            block_on("key_n"), record_sample_proportion=1.0
        )
        linker.misc.save_model_to_json(model, overwrite=True)
        sys.stdout.write(f"{_peak():.0f} MiB\n")
        return
    linker = Linker(table, Path(model), log_level=40)
    found = linker.inference.predict(threshold_match_probability=0.5)
    connection.execute(
        "copy (select unique_id_l, unique_id_r, match_probability "
        f"from {found.physical_name}) to '{pairs}' (format parquet)"
    )
    (count,) = connection.execute(
        f"select count(*) from {found.physical_name} where match_probability >= 0.9"
    ).fetchall()[0]
    sys.stdout.write(f"{_peak():.0f} MiB, {count:,} pairs\n")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
