from rtkit.server.dice import Dice


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    one, two, other = Dice(7), Dice(7), Dice(8)
    numbers = [one.roll() for _ in range(100)]
    assert numbers == [two.roll() for _ in range(100)]
    assert numbers != [other.roll() for _ in range(100)]


def test_the_numbers_are_those_of_the_published_generator():
    # SplitMix64 with seed 0 begins 0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4
    dice = Dice(0)
    assert dice.roll() == (0xE220A8397B1DCDAF >> 11) / 2**53
    assert dice.roll() == (0x6E789E6AA1B965F4 >> 11) / 2**53


def test_the_numbers_lie_evenly_between_nought_and_one():
    dice = Dice(1)
    numbers = [dice.roll() for _ in range(10_000)]
    assert all(0 <= number < 1 for number in numbers)
    counts = [sum(tenth <= 10 * n < tenth + 1 for n in numbers) for tenth in range(10)]
    assert all(880 < count < 1120 for count in counts)
