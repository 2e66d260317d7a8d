from rtkit.items import Item, Order


def ordered(*told):
    order = Order()
    for item_id, previous in told:
        order.place(item_id, previous)
    return list(order)


def test_items_stand_after_those_that_they_follow():
    assert ordered(("a", None), ("c", "a"), ("b", "a")) == ["a", "b", "c"]


def test_an_item_whose_neighbour_is_unknown_stands_at_the_end():
    assert ordered(("a", None), ("c", "nobody"), ("d", None)) == ["a", "c", "d"]


def test_an_item_is_placed_once():
    assert ordered(("a", None), ("b", "a"), ("a", "b")) == ["a", "b"]


def test_an_item_that_was_expected_moves_to_its_place():
    order = Order()
    order.place("a", None)
    order.expect("late")
    order.place("b", "a")
    order.place("late", "a")
    assert list(order) == ["a", "late", "b"]


def test_an_item_can_be_put_first():
    order = Order()
    order.place("a", None)
    order.place_first("history")
    order.place_first("a")
    assert list(order) == ["history", "a"]


def test_the_text_of_an_item_is_its_parts_in_order():
    assert Item("a", texts={1: ["world "], 0: ["hel", "lo"]}).text == "hello world"


def test_an_item_is_cut_off_if_less_was_heard_than_there_is():
    assert not Item("a", audio_s=2.0).cut_off
    assert not Item("a", audio_s=2.0, played_s=2.5).cut_off
    assert Item("a", audio_s=2.0, played_s=1.5).cut_off
    assert Item("a", audio_s=2.0, played_s=1.5, truncated_s=1.0).heard_s == 1.0
