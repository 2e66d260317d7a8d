import pytest

from rtkit.sheets import Sheet, Shown, marked

SHEET = Sheet(("Where", "What"), [("`voice`", "a | b\n<b>"), ("x", "long " * 30)], "Two things")


def test_a_cell_is_escaped_and_its_code_set_as_code():
    assert marked("<i> `x`\n&") == (
        '&lt;i&gt; <code style="color:inherit;background:transparent;padding:0">x</code><br>&amp;'
    )


@pytest.mark.parametrize(
    ("cell", "html"),
    [
        ("The *last* one, *not this*.", "The <em>last</em> one, <em>not this</em>."),
        ("2 * 3 * 4, a*b*c", "2 * 3 * 4, a*b*c"),
        ("f(*words, **how)", "f(*words, **how)"),
        ("session.* and response.*", "session.* and response.*"),
        ("one *", "one *"),
    ],
)
def test_what_stands_between_asterisks_is_stressed_and_a_product_is_not(cell, html):
    assert marked(cell) == html


def test_code_keeps_its_asterisks():
    assert "<em>" not in marked("`*args*` and `a` * `b`")
    assert ">*args*</code>" in marked("`*args*`")


def test_a_path_and_an_address_may_break_after_each_part():
    shown = marked("`audio.input_format` and github.com/a/b. At 0.65 <b>.")
    assert "audio.<wbr>input_<wbr>format</code>" in shown
    assert "github.<wbr>com/<wbr>a/<wbr>b. At 0.65 &lt;b&gt;." in shown


def test_html_has_no_script_and_no_colour_of_its_own():
    html = SHEET.html()
    assert html.count("<tr>") == 3
    assert "&lt;b&gt;" in html
    assert "script" not in html
    assert "color:inherit" in html


def test_markdown_keeps_its_columns():
    lines = SHEET.markdown().splitlines()
    assert lines[:4] == ["Two things", "", "| Where | What |", "| --- | --- |"]
    assert lines[4] == "| `voice` | a \\| b<br><b> |"


def test_text_wraps_what_is_long():
    lines = SHEET.text().splitlines()
    assert lines[:3] == ["Two things", "Where  What", "voice  a | b"]
    assert max(map(len, lines)) < 60


def test_an_empty_table_says_so():
    empty = Sheet(("a",), (), "Title", "Nothing.")
    assert empty.text() == "Title\nNothing."
    assert "Nothing." in empty.html()
    assert empty.markdown().endswith("Nothing.")


def test_what_is_shown_says_how():
    with pytest.raises(NotImplementedError):
        Shown().sheet()
