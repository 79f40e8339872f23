import { text } from 'node:stream/consumers';
import type { CommandModule } from '../command.js';
import { usageError } from '../cli-error.js';
import { apiErrorOf } from '../client/api-error.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { sendRequest } from '../client/http-request.js';
import { printEvents } from '../watch/print-events.js';

interface Options extends ConnectOptions {
  readonly variables?: string;
}

const HELP = `
Prints the answer as JSON; of a subscription one line for each event, until it ends.
Examples:
  slipway api '{ version }'
  slipway api 'query($n: Int!) { jobByNumber(repo: "sample/hello", number: $n) { state } }' --variables '{"n": 1}'`;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<operation>', 'GraphQL text, or - for standard input'))
      .option('--variables <json>', 'variables as a JSON object')
      .addHelpText('after', HELP);
  },

  async run({ terminal }, [operation = ''], { variables: json, ...options }) {
    const query = operation === '-' ? await text(process.stdin) : operation;
    const variables = parseVariables(json);
    const { endpoint } = await connect(options);
    if (await isSubscription(query)) {
      await printEvents(endpoint, { query, variables }, terminal);
      return undefined;
    }
    const { response, requestId } = await sendRequest(endpoint, { query, variables });
    terminal.out(`${JSON.stringify(response, undefined, 2)}\n`);
    if (response.errors !== undefined) throw apiErrorOf(response.errors, requestId);
    return undefined;
  },
};

function parseVariables(json = '{}'): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(json);
    if (typeof found === 'object' && found !== null && !Array.isArray(found))
      return found as Record<string, unknown>;
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw usageError(`--variables: got ${JSON.stringify(json)}, expected a JSON object`);
}

/** Syntax errors are left to the server, which says where they are. */
async function isSubscription(query: string): Promise<boolean> {
  const { parse, OperationTypeNode } = await import('graphql');
  try {
    return parse(query).definitions.some(
      (definition) => 'operation' in definition && definition.operation === OperationTypeNode.SUBSCRIPTION,
    );
  } catch {
    return false;
  }
}
