/** What an answer that is no success holds, as a schema for the documents and the tests; no function loads it. */
import * as z from 'zod/mini';

export const problemSchema = z
  .strictObject({
    error: z.strictObject({
      code: z.string(),
      message: z
        .string()
        .register(z.globalRegistry, { description: 'For people: what was wrong, and what is allowed.' }),
      type: z.string(),
      param: z.exactOptional(
        z.string().register(z.globalRegistry, {
          description: 'The field, parameter or header that is meant: `input.messages[0].role`.',
        }),
      ),
    }),
  })
  .register(z.globalRegistry, {
    id: 'Error',
    description: "Why a request did not succeed, in the providers' own shape.",
  });

export const gatewayMessageSchema = z.strictObject({ message: z.string() }).register(z.globalRegistry, {
  id: 'GatewayMessage',
  description: 'An answer of API Gateway itself, which no function of ours has seen.',
});
