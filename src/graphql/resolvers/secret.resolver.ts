import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { nameOf, type Action, type Resource } from '../../accounts/index.js';
import {
  findSecretOwner,
  listSecrets,
  Secret,
  type SecretOwner,
  type SecretOwnerReference,
} from '../../secrets/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { PageArgs } from '../inputs/page-args.js';
import { SecretOwnerArgs } from '../inputs/secret-owner.args.js';
import { RemoveSecretInput, SetSecretInput } from '../inputs/secret.input.js';
import { readPage, type Page } from '../page.js';
import { readSetSecret } from '../read-set-secret.js';
import { requireRow } from '../require-row.js';
import { SecretConnection } from '../types/connections.js';

/** Secrets: their names and rules, never their values. */
@Resolver(() => Secret)
export class SecretResolver {
  @Query(() => SecretConnection, {
    description: 'Secrets of exactly one of `repo`, `org` and `shared: true`, by name; without their values.',
  })
  async secrets(
    @Ctx() context: GraphqlContext,
    @Args(() => SecretOwnerArgs) reference: SecretOwnerArgs,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Page<Secret>> {
    const owner = await this.#ownerFor(context, 'secret.read', reference);
    return readPage(
      {
        name: `secrets ${owner.ownerId}`,
        sortedBy: [/./],
        find: (request) => listSecrets(context.db, owner, request),
        load: (ids) => context.loaders.secret.loadMany(ids),
      },
      page,
    );
  }

  @Mutation(() => Secret, {
    description:
      'Makes a secret, or its next version. The same again leads to the same, at a higher version.',
  })
  async setSecret(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => SetSecretInput, { description: 'The secret.' }) input: SetSecretInput,
  ): Promise<Secret> {
    const owner = await this.#ownerFor(context, 'secret.write', input);
    const by = nameOf(context.principal);
    const { id } = await context.services.setSecret({ ...readSetSecret(input), owner, by });
    return requireRow('secret', context.loaders.secret, id);
  }

  @Mutation(() => Boolean, { description: 'Removes a secret. No package that is made from now on has it.' })
  async removeSecret(
    @Ctx() context: GraphqlContext,
    @Arg('input', () => RemoveSecretInput, { description: 'The secret.' }) input: RemoveSecretInput,
  ): Promise<boolean> {
    const owner = await this.#ownerFor(context, 'secret.write', input);
    const { name, expectedVersion = null } = input;
    await context.services.removeSecret(owner, { name, expectedVersion });
    return true;
  }

  @FieldResolver(() => String, {
    description: 'What a pipeline file calls it: "org/repo/name", "org/name" or "name".',
  })
  async key(
    @Root() { repoId, organisationId, name }: Secret,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<string> {
    const repo = repoId === null ? null : await requireRow('repo', loaders.repo, repoId);
    const ownerId = repo?.organisationId ?? organisationId;
    const org = ownerId === null ? null : await requireRow('organisation', loaders.organisation, ownerId);
    return [org?.name, repo?.name, name].filter((part) => part !== undefined).join('/');
  }

  /** Whose secrets are meant, once it is known that the principal may do this to them. */
  async #ownerFor(
    context: GraphqlContext,
    action: Action,
    reference: SecretOwnerReference,
  ): Promise<SecretOwner> {
    const owner = await findSecretOwner(context.db, reference);
    authorize(context, action, resourceOf(owner));
    return owner;
  }
}

function resourceOf({ scope, ownerId }: SecretOwner): Resource {
  if (scope === 'repo') return { repoId: ownerId };
  return scope === 'org' ? { organisationId: ownerId } : {};
}
