package dev.orrery.weights.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileSelectionTest {
  /** The answers are those of Python's fnmatch.fnmatchcase, but for the slash at the end. */
  @ParameterizedTest
  @CsvSource({
    "*.json,          a.json,       true",
    "*.json,          d/e/a.json,   true",
    "*.json,          a.jsonl,      false",
    "vae/,            vae/x/y,      true",
    "vae/,            vae2/x,       false",
    "a?c,             abc,          true",
    "a?c,             a/c,          true",
    "a?c,             ac,           false",
    "m-[0-2].bin,     m-2.bin,      true",
    "m-[!0-2].bin,    m-2.bin,      false",
    "m-[!0-2].bin,    m-3.bin,      true",
    "[]x]y,           ]y,           true",
    "[!]x]y,          ]y,           false",
    "a[b,             a[b,          true",
    "[^a],            ^,            true",
    "[^a],            b,            false",
    "[a&&b],          &,            true",
    "'a.(b)+{1}$|\\Q\\E', 'a.(b)+{1}$|\\Q\\E', true",
    "a.c,             abc,          false",
    "**,              a/b,          true",
  })
  void matchesAsPythonDoes(String glob, String path, boolean matches) {
    FileSelection selection = new FileSelection(List.of(), List.of(glob), List.of());
    assertEquals(matches, selection.wanted().test(path));
  }

  @Test
  void addsUpNamesAndPatterns() {
    FileSelection selection =
        new FileSelection(List.of("a", "b/c"), List.of("*.json"), List.of("x*", "a"));
    assertTrue(selection.wanted().test("b/c"));
    assertTrue(selection.wanted().test("c.json"));
    assertFalse(selection.wanted().test("x.json"));
    assertFalse(selection.wanted().test("a"));
    assertFalse(selection.wanted().test("other"));
    assertEquals(List.of("a"), selection.missing(List.of("b/c", "d")));
    assertTrue(FileSelection.ALL.wanted().test("other"));
  }
}
