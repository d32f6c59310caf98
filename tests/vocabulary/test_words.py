"""The closed lists are those of domain.md: a word that changes here changes the wire."""

from capacity.vocabulary import words


def said(vocabulary):
    return [word.value for word in vocabulary]


def test_the_lists_hold_the_words_of_the_domain():
    assert said(words.Unit) == ["place", "bed", "armchair", "room", "locker", "meal", "shower"]
    assert said(words.Audience) == ["women", "families", "men", "couples", "mixed", "minors"]
    assert said(words.Trait) == ["wheelchair", "pets", "babies"]
    assert said(words.Kind) == [
        "shelter", "night_halte", "women_halte", "family_halte", "day_centre", "esi", "social_hotel", "cold_plan",
        "bathhouse", "luggage", "restaurant", "food_distribution",
    ]  # fmt: skip
    assert said(words.Visibility) == ["public", "professional", "protected"]
    assert said(words.Status) == ["open", "draining", "suspended", "closed"]
    assert said(words.OutOfServiceReason) == ["works", "pests", "outbreak", "staffing", "cleaning", "other"]
    assert said(words.Outcome) == ["applied", "late", "duplicate", "rejected"]
    assert said(words.Freshness) == ["unknown", "fresh", "ageing", "stale"]
    assert said(words.RequestState) == ["open", "oriented", "unmet"]
    assert said(words.UnmetReason) == [
        "no_place", "no_fit", "too_far", "refused", "no_transport", "line_cut", "other",
    ]  # fmt: skip


def test_a_word_is_written_as_itself():
    assert f"{words.Status.OPEN}" == "open"
