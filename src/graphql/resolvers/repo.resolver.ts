import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { notFound } from '../../base/errors.js';
import { findRepo, listRepos, Repo } from '../../repos/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { AddRepoInput } from '../inputs/add-repo.input.js';
import { UpdateRepoInput } from '../inputs/update-repo.input.js';
import { PageArgs } from '../inputs/page-args.js';
import { readPage, type Page } from '../page.js';
import { readAddRepo } from '../read-add-repo.js';
import { requireRow } from '../require-row.js';
import { RepoCredential } from '../types/repo-credential.js';
import { RepoConnection } from '../types/connections.js';

/** Repos. */
@Resolver(() => Repo)
export class RepoResolver {
  @Query(() => Repo, { nullable: true, description: 'A repo by its name.' })
  async repo(
    @Ctx() context: GraphqlContext,
    @Arg('org', () => String, { description: 'Organisation.' }) org: string,
    @Arg('name', () => String, { description: 'Name within the organisation.' }) name: string,
  ): Promise<Repo> {
    authorize(context, 'repo.read');
    const found = await findRepo(context.db, { org, name });
    if (!found) throw notFound('repo', `${org}/${name}`);
    return requireRow('repo', context.loaders.repo, found.id);
  }

  @Query(() => RepoConnection, { description: 'All repos, by name.' })
  repos(@Ctx() context: GraphqlContext, @Args(() => PageArgs) page: PageArgs): Promise<Page<Repo>> {
    authorize(context, 'repo.read');
    return readPage(
      {
        name: 'repos',
        sortedBy: [/./, /./],
        find: (request) => listRepos(context.db, request),
        load: (ids) => context.loaders.repo.loadMany(ids),
      },
      page,
    );
  }

  @Mutation(() => Repo, { description: 'Makes a git repository known.' })
  async addRepo(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => AddRepoInput, { description: 'The repo.' }) input: AddRepoInput,
  ): Promise<Repo> {
    authorize(context, 'repo.add');
    const { id } = await context.services.addRepo(readAddRepo(input));
    return requireRow('repo', context.loaders.repo, id);
  }

  @Mutation(() => Repo, { description: "Changes a repo's settings, all that are given or none." })
  async updateRepo(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => UpdateRepoInput, { description: 'The change.' }) input: UpdateRepoInput,
  ): Promise<Repo> {
    authorize(context, 'repo.update');
    const { id } = await context.services.updateRepo(input);
    context.loaders.repo.clear(id);
    return requireRow('repo', context.loaders.repo, id);
  }

  @FieldResolver(() => RepoCredential, {
    nullable: true,
    description: 'What its clone shows to the git server; null for nothing.',
  })
  credential(@Root() repo: Repo): RepoCredential | null {
    const { credentialKind: kind, credentialFingerprint: fingerprint } = repo;
    return kind === null ? null : { kind, fingerprint };
  }

  @FieldResolver(() => String, { description: 'Organisation that it belongs to.' })
  async org(@Root() repo: Repo, @Ctx() { loaders }: GraphqlContext): Promise<string> {
    const { name } = await requireRow('organisation', loaders.organisation, repo.organisationId);
    return name;
  }

  @FieldResolver(() => String, { description: '"org/name".' })
  async fullName(@Root() repo: Repo, @Ctx() context: GraphqlContext): Promise<string> {
    return `${await this.org(repo, context)}/${repo.name}`;
  }
}
