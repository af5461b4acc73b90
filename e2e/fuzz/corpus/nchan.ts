import type { Corpus } from '../sample';

/** https://nchan.io/#websocket: ws+meta.nchan; ids of seconds and a counter. */
export const nchanCorpus: Corpus = {
  protocol: 'nchan',
  samples: [
    {
      transport: 'websocket',
      token: '1760000000:0|1760000000:1',
      frames: [
        'id: 1760000000:2\ncontent-type: application/json\n\n{"a":1.0}',
        'id: 1760000001:0,[3]\n\nplain text\n\nid: 5',
        'id: 1760000002:0\ncontent-type: text/plain\n\n',
      ],
    },
    {
      transport: 'sse',
      frames: [
        { data: '{"n":1}', id: '1760000000:0' },
        { data: 'text', id: '1760000000:1,-1,3' },
        { data: '{"n":2}', id: '1760000009:0', event: 'tick' },
      ],
    },
    {
      transport: 'long-poll',
      frames: [
        {
          data: '{"n":1}',
          headers: [
            ['etag', '0'],
            ['last-modified', 'Thu, 09 Oct 2025 08:53:20 GMT'],
          ],
        },
        {
          data: 'text',
          headers: [
            ['etag', '1'],
            ['last-modified', 'Thu, 09 Oct 2025 08:53:20 GMT'],
          ],
        },
      ],
    },
  ],
  broken: ['no head', 'id:\n\nbody'],
};
