import { z } from 'zod';
import type { Answer, Operation } from '../operation';

const page: Answer['contents'] = [{ mediaType: 'text/html', schema: z.string() }];
const nothing: Answer['contents'] = [];
const form = (schema: z.ZodType) => [{ mediaType: 'application/x-www-form-urlencoded', schema }];

const pageOf = (description: string): Operation['answers'] => ({ 200: { description, contents: page } });
const NOTE = 'A page for people, and so are its refusals.';

export const peoplePaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/people',
    operationId: 'showPerson',
    tag: 'people',
    summary: 'Who you are here, and what you may open',
    description: NOTE,
    access: 'person',
    answers: pageOf('HTML without scripts.'),
    problems: ['database-unavailable'],
  },
  {
    method: 'get',
    path: '/people/login',
    operationId: 'beginLogin',
    tag: 'people',
    summary: 'To the identity provider (OpenID Connect, authorization code with PKCE)',
    description: NOTE,
    access: 'open',
    parameters: [
      {
        ...{ name: 'returnTo', in: 'query', schema: z.string() },
        description: 'Path on this gateway to end at; anything else leads to `/people`',
      },
    ],
    answers: {
      302: {
        description: 'There.',
        contents: nothing,
        headers: { location: 'Of the provider', 'set-cookie': 'Sealed state' },
      },
    },
    problems: ['login-unavailable', 'login-not-offered'],
  },
  {
    method: 'get',
    path: '/people/callback',
    operationId: 'finishLogin',
    tag: 'people',
    summary: 'Back from the identity provider',
    description: NOTE,
    access: 'open',
    answers: {
      302: {
        description: 'Logged in.',
        contents: nothing,
        headers: { location: 'A path here', 'set-cookie': 'The session' },
      },
    },
    problems: ['login-malformed', 'login-refused', 'login-without-role', 'login-unavailable', 'database-unavailable'],
  },
  {
    method: 'post',
    path: '/people/logout',
    operationId: 'logOut',
    tag: 'people',
    summary: 'End the session, or all of this account; there too, where the provider offers it',
    description: NOTE,
    access: 'person',
    body: form(z.object({ everywhere: z.literal('1').optional() })),
    answers: { 303: { description: 'Over.', contents: nothing, headers: { location: 'Of the provider, or here' } } },
    problems: ['person-origin-foreign', 'database-unavailable'],
  },
  {
    method: 'get',
    path: '/people/setup',
    operationId: 'showSetup',
    tag: 'people',
    summary: 'Where the setup link of a new gateway leads',
    description: NOTE,
    access: 'open',
    parameters: [{ name: 'token', in: 'query', description: 'Of the link', schema: z.string() }],
    answers: pageOf('A form; to look at it uses nothing up.'),
    problems: ['setup-link-invalid'],
  },
  {
    method: 'post',
    path: '/people/setup',
    operationId: 'useSetupLink',
    tag: 'people',
    summary: 'Become the owner of a gateway in whose configuration there is nobody yet; once',
    description: NOTE,
    access: 'open',
    body: form(z.object({ token: z.string(), organisation: z.string(), identityKey: z.string().optional() })),
    answers: pageOf('What to write into the configuration, and a session of the owner until then.'),
    problems: ['setup-link-invalid', 'person-origin-foreign', 'database-unavailable'],
  },
];
