/**
 * What a pipeline file may cost. Files come from strangers, so that every limit is one that a real file never meets
 * and a hostile one meets within milliseconds.
 */
export const limits = {
  /** Size of the file in UTF-8. */
  sourceBytes: 1024 * 1024,
  /** Lexical tokens of YAML; 1 MiB of `a,` has a million. */
  lexemes: 100_000,
  /**
   * Constructs that are open at once while parsing (a level of nesting opens one to four). yaml's composer recurses:
   * 1 MiB of `[` made V8 abort the whole process ("RegExpCompiler Allocation failed", yaml 2.9.1, Node 20.20).
   */
  openConstructs: 200,
  /** Values after anchors were expanded. */
  nodes: 50_000,
  /** UTF-16 units of all texts after anchors were expanded: one anchored text of 1 MiB can be named often. */
  characters: 4 * 1024 * 1024,
  /** UTF-16 units of a compiled pipeline: every step carries the whole environment. */
  compiledLength: 2 * 1024 * 1024,
  /** UTF-16 units of why a step is left out, as it travels; who asks for an explanation gets all of it. */
  reasonLength: 300,
  /** Problems that are told of one file. */
  problems: 200,
  steps: 500,
  stages: 100,
  /** Secrets of a file, and of one step. */
  secrets: 200,
  services: 100,
  templates: 100,
  parameters: 200,
  /** Patterns of artifacts of one step. */
  artifacts: 100,
  /** Words of an entrypoint. */
  words: 100,
  /**
   * UTF-8 of `NAME=value`: Linux takes 128 KiB for one variable (MAX_ARG_STRLEN), and starts no program at all when
   * one is longer.
   */
  variableBytes: 128 * 1024 - 1,
  /** UTF-16 units of a path below the checkout. */
  pathLength: 1000,
  timeoutMs: 7 * 24 * 60 * 60 * 1000,
  retries: 10,
  /** Jobs of a concurrency group at once. */
  concurrency: 1000,
  /** UTF-16 units of a name, of a worker target or of a label. */
  nameLength: 100,
  /** UTF-16 units of one pattern of a ruleset. */
  patternLength: 500,
  /** Instructions of one compiled pattern (`\pL{999}` has 1,000). */
  patternSize: 1_500,
  /** Instructions of all patterns of a file. */
  patternSizes: 50_000,
  /** Instructions x characters that the rules of one compilation may take in the worst case. */
  matchCost: 2_000_000_000,
} as const;
