import 'reflect-metadata';
import assert from 'node:assert/strict';
import { isUnionType, lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { registerEnums } from './enums.js';
import { AccountResolver } from './resolvers/account.resolver.js';
import { ArtifactResolver } from './resolvers/artifact.resolver.js';
import { BuildResolver, StepResolver } from './resolvers/build.resolver.js';
import { ChangeResolver } from './resolvers/change.resolver.js';
import { FeedResolver } from './resolvers/feed.resolver.js';
import { GroupProjectResolver, GroupResolver } from './resolvers/group.resolver.js';
import { JobFieldsResolver } from './resolvers/job-fields.resolver.js';
import { JobResolver } from './resolvers/job.resolver.js';
import { QueueResolver } from './resolvers/queue.resolver.js';
import { LogResolver } from './resolvers/log.resolver.js';
import { MasterKeyResolver } from './resolvers/master-key.resolver.js';
import { RebuildResolver } from './resolvers/rebuild.resolver.js';
import { RegistrationResolver } from './resolvers/registration.resolver.js';
import { RepoResolver } from './resolvers/repo.resolver.js';
import { SecretResolver } from './resolvers/secret.resolver.js';
import { WorkerAdminResolver } from './resolvers/worker-admin.resolver.js';
import { WorkerFieldsResolver } from './resolvers/worker-fields.resolver.js';
import { WorkerSessionResolver } from './resolvers/worker-session.resolver.js';
import { WorkerResolver } from './resolvers/worker.resolver.js';
import { unusedPubSub } from './unused-pub-sub.js';

let built: GraphQLSchema | undefined;

/** The schema of the API; the same one each time. */
export function apiSchema(): GraphQLSchema {
  built ??= build();
  return built;
}

/** The schema as text, sorted, as in schema/schema.graphql. */
export function printApiSchema(): string {
  return `${printSchema(lexicographicSortSchema(apiSchema()))}\n`;
}

function build(): GraphQLSchema {
  registerEnums();
  const schema = buildSchemaSync({
    resolvers: [
      AccountResolver,
      ArtifactResolver,
      BuildResolver,
      ChangeResolver,
      FeedResolver,
      GroupProjectResolver,
      GroupResolver,
      JobFieldsResolver,
      JobResolver,
      QueueResolver,
      LogResolver,
      MasterKeyResolver,
      RebuildResolver,
      RegistrationResolver,
      RepoResolver,
      SecretResolver,
      StepResolver,
      WorkerAdminResolver,
      WorkerFieldsResolver,
      WorkerResolver,
      WorkerSessionResolver,
    ],
    // Operations validate what they are given; a second, class-based validation would say the same less well.
    validate: false,
    pubSub: unusedPubSub,
  });
  resolveAtOnce(schema, 'FrameEvent');
  return schema;
}

/** type-graphql resolves the members of a union in a promise, which compiled operations cannot wait for. */
function resolveAtOnce(schema: GraphQLSchema, name: string): void {
  const union = schema.getType(name);
  assert.ok(isUnionType(union), `there is no union ${name}`);
  union.resolveType = (value: { readonly __typename: string }) => value.__typename;
}
