"""Bad input: a body that is no batch is refused whole, a bad report in a good batch by itself, and nothing breaks."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from capacity.errors import InvalidBody
from capacity.wire.parsing import RefusedReport, parse_batch
from capacity.wire.reports import MOST_REPORTS, Count, Inventory, StatusChange

ID = "0192f0c1-0000-7000-8000-00000000000a"
COUNT = {"id": ID, "type": "count", "pool": "halte.women", "occupied": 3}


def batch(*reports, **envelope):
    return json.dumps({"reports": list(reports), **envelope}).encode()


def raw_report(members: str):
    """A batch of one report whose members are written as they are given, after its id."""
    return f'{{"reports":[{{"id":"{ID}",{members}}}]}}'.encode()


def only(body):
    (report,) = parse_batch(body).reports
    return report


NO_BATCH = {
    "nothing": b"",
    "white space": b" \n",
    "null": b"null",
    "a number": b"1",
    "a text": b'"reports"',
    "a list": b"[]",
    "a list of reports": json.dumps([COUNT]).encode(),
    "an empty object": b"{}",
    "no reports": b'{"reports":[]}',
    "reports null": b'{"reports":null}',
    "reports an object": b'{"reports":{}}',
    "reports a text": b'{"reports":"abc"}',
    "a report that is a number": b'{"reports":[1]}',
    "a report that is a list": b'{"reports":[[]]}',
    "a report that is null": batch(COUNT, None),
    "one report too many": batch(*[COUNT] * (MOST_REPORTS + 1)),
    "an unknown member beside reports": batch(COUNT, token="x"),
    "sent_at a number": batch(COUNT, sent_at=1_795_000_000),
    "sent_at without a zone": batch(COUNT, sent_at="2026-11-22T22:40:00"),
    "sent_at on a day that is none": batch(COUNT, sent_at="2026-02-30T00:00:00Z"),
    "sent_at infinite": b'{"sent_at":1e400,"reports":[' + json.dumps(COUNT).encode() + b"]}",
    "cut short": batch(COUNT)[:-1],
    "something after the end": batch(COUNT) + b"x",
    "two bodies": batch(COUNT) * 2,
    "not UTF-8": b"\xff\xfe\x00",
    "Latin-1 in a text": raw_report('"type":"count","pool":"caf').replace(b"caf", b"caf\xe9"),
    "UTF-16": batch(COUNT).decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + batch(COUNT),
    "half of a surrogate pair": raw_report(r'"type":"count","pool":"\ud800","occupied":3'),
    "a single quote": batch(COUNT).replace(b'"', b"'"),
    "a very deep list": b'{"reports":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a very deep object": raw_report('"x":' + '{"a":' * 50_000 + "1" + "}" * 50_000),
    "a deep list never closed": b"[" * 500_000,
    "a number of 5,000 digits": raw_report('"type":"count","pool":"a","occupied":' + "9" * 5_000),
    "no id": batch({"type": "count", "pool": "a", "occupied": 3}),
    "an id that is no UUID": batch({**COUNT, "id": "42"}),
    "an id with braces": batch({**COUNT, "id": "{" + ID + "}"}),
    "an id with a line break": batch({**COUNT, "id": ID + "\n"}),
    "an id that is a number": batch({**COUNT, "id": 42}),
    "an id that is null": batch({**COUNT, "id": None}),
    "the id twice, the last one bad": raw_report('"id":"42","type":"count","pool":"a","occupied":3'),
    "one of two without an id": batch(COUNT, {**COUNT, "id": None}),
}


@pytest.mark.parametrize("body", NO_BATCH.values(), ids=NO_BATCH)
def test_a_body_that_is_no_batch_is_refused_whole(body):
    with pytest.raises(InvalidBody) as refused:
        parse_batch(body)
    assert refused.value.errors
    assert all(set(found) == {"loc", "msg"} for found in refused.value.errors)
    json.dumps(refused.value.errors)


BAD_REPORT = {
    "no type": '"pool":"a","occupied":3',
    "an unknown type": '"type":"census","pool":"a","occupied":3',
    "a type that is null": '"type":null,"pool":"a","occupied":3',
    "a type that is a list": '"type":["count"],"pool":"a","occupied":3',
    "a type that is an object": '"type":{},"pool":"a","occupied":3',
    "a type in capitals": '"type":"COUNT","pool":"a","occupied":3',
    "no pool": '"type":"count","occupied":3',
    "a pool that is null": '"type":"count","pool":null,"occupied":3',
    "a pool in capitals": '"type":"count","pool":"Halte","occupied":3',
    "a pool with a brace": '"type":"count","pool":"a}b","occupied":3',
    "a pool with a quote": '"type":"count","pool":"a\\"b","occupied":3',
    "a pool with a line break": '"type":"count","pool":"a\\n","occupied":3',
    "a pool with NUL": '"type":"count","pool":"a\\u0000","occupied":3',
    "a pool with an accent": '"type":"count","pool":"caf\\u00e9","occupied":3',
    "a pool of 121 signs": f'"type":"count","pool":"{"a" * 121}","occupied":3',
    "an empty pool": '"type":"count","pool":"","occupied":3',
    "no occupied": '"type":"count","pool":"a"',
    "occupied null": '"type":"count","pool":"a","occupied":null',
    "occupied true": '"type":"count","pool":"a","occupied":true',
    "occupied a text": '"type":"count","pool":"a","occupied":"3"',
    "occupied a fraction": '"type":"count","pool":"a","occupied":3.5',
    "occupied a whole fraction": '"type":"count","pool":"a","occupied":3.0',
    "occupied in powers of ten": '"type":"count","pool":"a","occupied":1e3',
    "occupied a list": '"type":"count","pool":"a","occupied":[3]',
    "occupied NaN": '"type":"count","pool":"a","occupied":NaN',
    "occupied infinite": '"type":"count","pool":"a","occupied":-Infinity',
    "occupied beyond floats": '"type":"count","pool":"a","occupied":1e999',
    "occupied below zero": '"type":"count","pool":"a","occupied":-1',
    "occupied over the bound": '"type":"count","pool":"a","occupied":100001',
    "occupied beyond 64 bits": '"type":"count","pool":"a","occupied":18446744073709551616',
    "occupied of 4,000 digits": f'"type":"count","pool":"a","occupied":{"9" * 4_000}',
    "an unknown member": '"type":"count","pool":"a","occupied":3,"note":"x"',
    "an unknown member that is NaN": '"type":"count","pool":"a","occupied":3,"note":NaN',
    "an unknown member with NUL in its name": '"type":"count","pool":"a","occupied":3,"no\\u0000te":1',
    "an unknown member that is deep": f'"type":"count","pool":"a","occupied":3,"x":{"[" * 150}{"]" * 150}',
    "a member of another type": '"type":"count","pool":"a","occupied":3,"delta":1',
    "a moment without a zone": '"type":"count","pool":"a","occupied":3,"observed_at":"2026-11-22T22:40:00"',
    "a moment that is a day": '"type":"count","pool":"a","occupied":3,"observed_at":"2026-11-22"',
    "a moment that is a number": '"type":"count","pool":"a","occupied":3,"observed_at":1795387267',
    "a moment that is none": '"type":"count","pool":"a","occupied":3,"observed_at":"soon"',
    "a movement of nobody": '"type":"movement","pool":"a","delta":0',
    "a movement of minus nobody": '"type":"movement","pool":"a","delta":-0',
    "a movement over the bound": '"type":"movement","pool":"a","delta":1001',
    "a movement under the bound": '"type":"movement","pool":"a","delta":-1001',
    "a movement without a delta": '"type":"movement","pool":"a"',
    "a confirmation without a seq": '"type":"confirmation","pool":"a"',
    "a confirmation of a negative seq": '"type":"confirmation","pool":"a","seq":-1',
    "a confirmation of a seq beyond exact numbers": '"type":"confirmation","pool":"a","seq":9007199254740992',
    "an inventory of nothing": '"type":"inventory","pool":"a"',
    "an inventory of a reason alone": '"type":"inventory","pool":"a","reason":"pests"',
    "an inventory with an unknown reason": '"type":"inventory","pool":"a","out_of_service":1,"reason":"ghosts"',
    "an inventory over the bound": '"type":"inventory","pool":"a","extra":100001',
    "a status that is none": '"type":"status","pool":"a","status":"ajar"',
    "a status with free text": '"type":"status","pool":"a","status":"suspended","reason":"Mme Durand left"',
    "a status with a quote": '"type":"status","pool":"a","status":"suspended","reason":"a\\"b"',
    "a status until no moment": '"type":"status","pool":"a","status":"suspended","until":"later"',
    "a status until the year 10000": '"type":"status","pool":"a","status":"open","until":"9999-12-31T23:59:59-12:00"',
    "a status until the year 0": '"type":"status","pool":"a","status":"open","until":"0001-01-01T00:00:00+14:00"',
}


@pytest.mark.parametrize("members", BAD_REPORT.values(), ids=BAD_REPORT)
def test_a_bad_report_with_an_id_is_refused_by_itself(members):
    refused = only(raw_report(members))
    assert isinstance(refused, RefusedReport)
    assert refused.id == ID
    assert refused.problem["type"] == "/problems/invalid-report"
    assert refused.problem["errors"]
    json.dumps(refused.problem).encode()


def test_a_bad_report_does_not_stop_its_neighbours():
    good, bad = {**COUNT, "id": ID[:-1] + "b"}, {**COUNT, "occupied": -1}
    parsed = parse_batch(batch(COUNT, bad, good))
    assert [type(report) for report in parsed.reports] == [Count, RefusedReport, Count]


def test_neighbours_of_a_bad_report_are_read_exactly_as_without_it():
    reports = [
        {**COUNT, "observed_at": "2026-11-22T23:38:50.1239+01:00"},
        {"id": ID, "type": "inventory", "pool": "a", "extra": 2, "reason": "pests"},
        {"id": ID, "type": "status", "pool": "a", "status": "suspended", "until": "2026-11-23T06:00:00Z"},
    ]
    alone = parse_batch(batch(*reports)).reports
    beside = parse_batch(batch(*reports, {**COUNT, "occupied": -1})).reports[:-1]
    assert alone == beside
    assert [type(report) for report in alone] == [Count, Inventory, StatusChange]


def test_a_thousand_reports_are_a_batch():
    assert len(parse_batch(batch(*[COUNT] * MOST_REPORTS)).reports) == MOST_REPORTS


def test_ids_are_one_whatever_their_letters_case():
    assert only(batch({**COUNT, "id": ID.upper()})).id == ID
    assert only(batch({**COUNT, "id": ID.upper(), "occupied": -1})).id == ID


def test_of_a_member_named_twice_the_last_counts():
    assert only(raw_report('"type":"count","pool":"a","occupied":3,"occupied":4')).occupied == 4


@pytest.mark.parametrize(("kind", "bounds"), [("occupied", (0, 100_000)), ("delta", (-1_000, 1_000))])
def test_the_bounds_themselves_are_good(kind, bounds):
    names = {"occupied": "count", "delta": "movement"}
    for value in bounds:
        assert getattr(only(batch({"id": ID, "type": names[kind], "pool": "a", kind: value})), kind) == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
almost_reports = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just(ID) | json_values,
        "type": st.sampled_from(["count", "movement", "confirmation", "inventory", "status"]) | json_values,
        **dict.fromkeys(("pool", "occupied", "delta", "seq", "capacity", "status", "until", "reason"), json_values),
    },
)


envelopes = st.dictionaries(st.sampled_from(["sent_at", "x"]), json_values, max_size=1)


def count_read(body):
    """How many reports were read or refused by themselves; None when the whole body was refused."""
    try:
        return len(parse_batch(body).reports)
    except InvalidBody:
        return None


@given(st.binary(max_size=200) | st.builds(lambda said: json.dumps(said).encode(), json_values))
@example(b'{"reports":[{"id":"' + ID.encode() + b'","type":"count","pool":"a","occupied":Infinity}]}')
def test_whatever_is_sent_is_read_or_refused(body):
    assert count_read(body) != 0


@given(st.lists(almost_reports, max_size=4), envelopes)
def test_whatever_a_report_holds_it_is_read_or_refused(reports, envelope):
    assert count_read(batch(*reports, **envelope)) in {None, len(reports)}
