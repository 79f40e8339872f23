import { readPipeline } from './grammar/read-pipeline.js';
import { Suggestions } from './grammar/suggest.js';
import { Dialect, type Pipeline } from './pipeline.js';
import { ProblemLog } from './problem-log.js';
import { PatternCompiler } from './rules/pattern.js';
import { readYaml } from './source/read-yaml.js';

/** A pipeline file: its text and the name that messages call it by. */
export interface PipelineSource {
  readonly text: string;
  readonly file: string;
  /** Default: by the file's name. */
  readonly dialect?: Dialect;
}

/**
 * Text to a validated pipeline. Throws a {@link PipelineError} with every problem of the file, each with its place.
 * Ends after bounded work whatever the text is.
 *
 * @example
 * const pipeline = parsePipeline({ file: '.slipway.yml', text: 'steps: [{ name: hi, commands: echo hi }]' });
 */
export function parsePipeline(source: PipelineSource): Pipeline {
  const log = new ProblemLog(source.file);
  const node = readYaml(source.text, log);
  if (node === null) return refuseAll(log);
  const dialect = source.dialect ?? dialectOf(source.file);
  const reading = { log, dialect, patterns: new PatternCompiler(), suggestions: new Suggestions() };
  const pipeline = readPipeline({ key: '', keyAt: node.at, node }, reading);
  log.assertClean();
  return { ...pipeline, warnings: log.warnings };
}

/** Vela's keys are read in `.vela.yml` and `.vela.yaml` alone. */
export function dialectOf(file: string): Dialect {
  return /(?:^|\/)\.vela\.ya?ml$/.test(file) ? Dialect.VELA : Dialect.SLIPWAY;
}

function refuseAll(log: ProblemLog): never {
  log.assertClean();
  throw new Error('a text without a tree must have a problem');
}
