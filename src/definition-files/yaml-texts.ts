import type { ErrorCode } from 'yaml';

/**
 * What is wrong and what to do, for each error of the YAML parser. The parser's own texts may repeat what
 * stands in the file, which may be a secret that somebody has put there.
 */
const TEXTS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'An alias (*name) cannot have an anchor or a tag of its own. Remove it.',
  BAD_ALIAS:
    'A value begins with * or & as if it were an alias or an anchor. Put it in quotes, or name it right.',
  BAD_COLLECTION_TYPE: 'The tag does not fit the kind of value that follows. Remove the tag.',
  BAD_DIRECTIVE:
    'A line begins with % as if it were a directive. Put the value in quotes, or remove the line.',
  BAD_DQ_ESCAPE:
    'There is an unknown escape in a text in double quotes. Write \\\\ for \\, or use single quotes.',
  BAD_INDENT:
    'The indentation does not fit the lines above. Indent entries alike, and close every bracket.',
  BAD_PROP_ORDER: 'Anchors and tags must stand before the value. Move it.',
  BAD_SCALAR_START:
    'A value begins with a character that YAML reserves (such as @ or `). Put it in quotes.',
  BLOCK_AS_IMPLICIT_KEY:
    'A "key: value" stands where only a value may stand. Put the value in quotes, or indent it.',
  BLOCK_IN_FLOW: 'An indented block stands inside [ ] or { }. Write it inside the brackets.',
  DUPLICATE_KEY: 'The key stands twice in the same map. Remove one of the two.',
  IMPOSSIBLE: 'This is not valid YAML. Correct the line.',
  KEY_OVER_1024_CHARS: 'A key is longer than 1024 characters. Is a quote or a colon missing?',
  MISSING_CHAR:
    'A closing quote or bracket, a comma or a colon is missing, or the indentation is wrong. Correct it.',
  MULTILINE_IMPLICIT_KEY: 'A key goes over several lines. Is a colon missing?',
  MULTIPLE_ANCHORS: 'A value has two anchors. Remove one.',
  MULTIPLE_DOCS: 'There is a second document (---) in the file. Put it into a file of its own.',
  MULTIPLE_TAGS: 'A value has two tags. Remove one.',
  NON_STRING_KEY: 'A key is no text. Put it in quotes.',
  RESOURCE_EXHAUSTION: 'The file is nested too deeply. Make it flatter.',
  TAB_AS_INDENT: 'A tab is used for indentation. Use blanks.',
  TAG_RESOLVE_FAILED:
    'A value begins with ! as if it were a tag, and there is no such tag. Put it in quotes.',
  UNEXPECTED_TOKEN:
    'Something stands here that does not belong. Check brackets, quotes and indentation.',
};

/** The text for an error of the YAML parser, without anything of what stands in the file. */
export function yamlText(code: ErrorCode): string {
  return TEXTS[code];
}
