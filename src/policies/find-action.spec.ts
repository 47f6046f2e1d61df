import { listActions } from './engine/list-actions';
import { findAction } from './find-action';

const route = (name: string) => {
  const [method = '', pattern = ''] = name.split(' ');
  return { method, pattern, manners: {} };
};
const actions = listActions(
  ['GET /v1/topics', 'GET /v1/topics/:topic', 'GET /v1/offers/:id', 'GET /v1/offers/mine', 'POST /v1/offers'].map(
    route,
  ),
);
const find = (method: string, path: string) => findAction(actions.values(), { method, path });

describe('the action of a path', () => {
  it('is that of the route, with its parameters as the router reads them', () => {
    expect(find('get', '/v1/topics/tm%5Fdocuments?limit=1')).toMatchObject({
      action: { name: 'GET /v1/topics/:topic', resource: 'Topic' },
      parameters: { topic: 'tm_documents' },
    });
    expect(find('GET', '/%76%31/topics')?.action.name).toBe('GET /v1/topics');
  });

  it('is the fixed one, where a parameter would fit as well', () => {
    expect(find('GET', '/v1/offers/mine')?.action.name).toBe('GET /v1/offers/mine');
    expect(find('GET', '/v1/offers/other')?.action.name).toBe('GET /v1/offers/:id');
  });

  it.each([
    ['HEAD', '/v1/topics'],
    ['OPTIONS', '/v1/topics'],
    ['GET', '/v1/topics/'],
    ['GET', '/V1/topics'],
    ['GET', '/v1/topics/%'],
    ['GET', '/health/live'],
  ])('is none for %s %s', (method, path) => expect(find(method, path)).toBeUndefined());
});

it('a route that lets anybody in is an action, and one that nobody can have a name at is not', () => {
  const named = listActions([
    { method: 'POST', pattern: '/submit', manners: { identity: 'optional' } },
    { method: 'POST', pattern: '/callbacks/arc', manners: {} },
  ]);
  expect([...named.keys()]).toEqual(['POST /submit', 'submitToTopic', 'approveForTopic']);
});
