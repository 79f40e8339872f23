import { Ctx, Query, Resolver } from 'type-graphql';
import type { GraphqlContext } from '../context.js';
import { Me } from '../types/account.js';

/** What everybody may ask. */
@Resolver()
export class AccountResolver {
  @Query(() => String, { description: 'Version of the server.' })
  version(@Ctx() context: GraphqlContext): string {
    return context.services.version;
  }

  @Query(() => Me, { description: 'Who asks.' })
  me(@Ctx() { principal }: GraphqlContext): Me {
    const isToken = principal.kind === 'API_TOKEN';
    return {
      kind: principal.kind,
      name: isToken ? principal.name : null,
      scopes: isToken ? principal.scopes : [],
    };
  }
}
