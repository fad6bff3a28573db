"""Fusion: what several channels agree on comes first, whatever their scores are called."""

from retrievers.fusion import fuse, ranks


def test_equal_scores_share_their_first_place():
    assert ranks([0.9, 0.5, 0.5, 0.1]) == [1, 2, 2, 4]
    assert ranks([]) == []


def test_what_two_lists_agree_on_beats_what_one_has_first():
    first = [("a", 1), ("b", 2), ("c", 3)]
    second = [("d", 1), ("b", 2), ("e", 3)]
    assert fuse([(1.0, first), (1.0, second)])[0][0] == "b"


def test_first_in_every_list_scores_one_and_equals_come_by_their_ids():
    fused = fuse([(2.0, [("z", 1), ("y", 1)]), (1.0, [("z", 1), ("y", 1)])])
    assert [id_ for id_, _ in fused] == ["y", "z"]
    assert all(abs(score - 1) < 1e-12 for _, score in fused)


def test_a_list_without_weight_says_nothing():
    assert fuse([(0.0, [("a", 1)]), (1.0, [("b", 1)])]) == [("b", 1.0)]
    assert fuse([]) == []


def test_weights_decide_between_lists_that_disagree():
    left, right = [("a", 1), ("b", 50)], [("b", 1), ("a", 50)]
    assert fuse([(3.0, left), (1.0, right)])[0][0] == "a"
    assert fuse([(1.0, left), (3.0, right)])[0][0] == "b"
