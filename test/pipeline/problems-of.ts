import assert from 'node:assert/strict';
import { parsePipeline, PipelineError, type PipelineProblem } from '../../src/pipeline/index.js';

/** The problems of a text that must not parse. */
export function problemsOf(text: string, file = '.slipway.yml'): readonly PipelineProblem[] {
  try {
    parsePipeline({ text, file });
  } catch (error) {
    assert.ok(error instanceof PipelineError, String(error));
    return error.problems;
  }
  assert.fail(`expected problems in ${JSON.stringify(text.slice(0, 200))}`);
}

/** `line:column key value` of each problem. */
export function placesOf(text: string, file?: string): string[] {
  return problemsOf(text, file).map(({ line, column, key, value }) => `${line}:${column} ${key} ${value}`);
}
