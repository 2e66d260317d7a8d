import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.labels import Label, load_labels, save_labels

SPECTRAL = "\ufeff2.0\t3.5\tsecond\r\n\\\t120.0\t4000.0\r\n\r\n0.25\t1.5\tfirst one\r\n4\t5\r\n"


def test_a_label_file_as_audacity_writes_it(tmp_path):
    path = tmp_path / "talk.txt"
    path.write_bytes(SPECTRAL.encode())
    assert load_labels(path) == [
        Label(0.25, 1.5, "first one"),
        Label(2.0, 3.5, "second"),
        Label(4.0, 5.0),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "1.0 2.0 blanks",
        "2.0\t1.0\tturned round",
        "nan\t1\t",
        "-1\t2\t",
        "1\tinf\tx",
        "1,5\t2\t",
    ],
)
def test_a_line_that_is_no_label_is_named(tmp_path, line):
    path = tmp_path / "talk.txt"
    path.write_text(f"0\t1\tfine\n{line}\n")
    with pytest.raises(ValueError, match=r"talk\.txt, line 2: found .*a label is a start"):
        load_labels(path)


@pytest.mark.parametrize("coding", ["latin-1", "utf-16"])
def test_a_file_in_another_coding_is_named_with_the_remedy(tmp_path, coding):
    path = tmp_path / "talk.txt"
    path.write_text("0\t1\tcafé\n", encoding=coding)
    with pytest.raises(ValueError, match=r"talk\.txt: found a file that is not text in UTF-8"):
        load_labels(path)


@pytest.mark.parametrize("text", ["one\ntwo", "one\r\ntwo", "one\u2028two"])
def test_a_text_of_two_lines_stays_one_label(tmp_path, text):
    save_labels(tmp_path / "x.txt", [Label(0.0, 1.0, text)])
    assert load_labels(tmp_path / "x.txt") == [Label(0.0, 1.0, "one two")]


stretches = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)).map(sorted)


@given(st.lists(st.tuples(stretches, st.sampled_from(["", "pause", "a b", "größer"]))))
def test_what_is_saved_is_loaded(tmp_path_factory, made):
    labels = [Label(start / 1e6, end / 1e6, text) for (start, end), text in made]
    path = tmp_path_factory.mktemp("labels") / "x.txt"
    save_labels(path, labels)
    assert sorted(load_labels(path), key=repr) == sorted(labels, key=repr)
