import { Field, ObjectType, type ClassType } from 'type-graphql';
import { Job } from '../../jobs/index.js';
import { Repo } from '../../repos/index.js';
import { Secret } from '../../secrets/index.js';
import { Worker } from '../../workers/index.js';

/** Where a page ends. */
@ObjectType({ description: 'Where a page ends.', simpleResolvers: true })
export class PageInfo {
  @Field(() => String, {
    nullable: true,
    description: 'For `after` of the next page; null for an empty page.',
  })
  readonly endCursor: string | null;

  @Field(() => Boolean, { description: 'True when there is a next page.' })
  readonly hasNextPage: boolean;
}

function connectionOf<Node extends object>(name: string, node: ClassType<Node>) {
  @ObjectType(`${name}Edge`, { description: `A ${name} in a page.`, simpleResolvers: true })
  class Edge {
    @Field(() => node, { description: 'The thing itself.' })
    readonly node: Node;

    @Field(() => String, { description: 'Its place in the list, for `after`. Opaque.' })
    readonly cursor: string;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.`, simpleResolvers: true })
  class Connection {
    @Field(() => [Edge], { description: 'What is on the page, with cursors.' })
    readonly edges: readonly Edge[];

    @Field(() => [node], { description: 'What is on the page.' })
    readonly nodes: readonly Node[];

    @Field(() => PageInfo, { description: 'Where it ends.' })
    readonly pageInfo: PageInfo;
  }
  return Connection;
}

export const JobConnection = connectionOf('Job', Job);
export const RepoConnection = connectionOf('Repo', Repo);
export const SecretConnection = connectionOf('Secret', Secret);
export const WorkerConnection = connectionOf('Worker', Worker);
