/** What a single operation may ask for, on both transports. Exceeding one is VALIDATION_FAILED and names it. */
export const LIMITS = {
  /** Tokens of a document. */
  tokens: 2000,
  /** Levels of fields. */
  depth: 12,
  /** Levels of lists and objects in the variables; the deepest input has five. */
  variableLevels: 32,
  /** Fields and fragments with an alias or a directive, in the whole document. */
  aliases: 30,
  directives: 30,
  /** Objects that it may make the server load; see measure.ts. */
  cost: 5000,
} as const;

export type LimitName = Exclude<keyof typeof LIMITS, 'tokens' | 'variableLevels'>;

/** Said of a document whose nesting ends the parser's own calls before its limit of tokens does. */
export const TOO_DEEP = 'the document is nested too deeply';
