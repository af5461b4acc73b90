import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draftOf, memberText, parseJson } from './publication';

describe('the data of a publication', () => {
  it('goes on as it was written: digits, order, escapes', () => {
    const data = '{"id":9007199254740993,"price":1.0,"huge":1e400,"2":1,"1":2,"text":"a\\u0000\\/ b"}';
    const body = `{ "type" : "order", "data" : ${data} , "id":"x" }`;
    expect(draftOf(parseJson(body), null, body)).toEqual({ type: 'order', data, id: 'x' });
  });

  it('is one line, whatever white space stood in it', () => {
    const body = '{"type":"a",\r\n"data":\t[ 1,\n {"b c" : " \\" d\\n" } ]\n}';
    expect(draftOf(parseJson(body), null, body).data).toBe('[1,{"b c":" \\" d\\n"}]');
  });

  it('is the last of that name, by whatever escapes it is called, and not of something inside', () => {
    expect(memberText('{"x":{"data":1},"data":2,"d\\u0061ta":3,"y":["data",{"data":4}]}', 'data')).toBe('3');
    expect(memberText('{"x":{"data":1}}', 'data')).toBeNull();
    expect(memberText('{"key":"data","data":"key: , }"}', 'data')).toBe('"key: , }"');
  });

  it('means the same as before, for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.nat(4), (data, other, spaces) => {
        const body = JSON.stringify({ other, type: 'a', data, after: other }, null, spaces);
        const text = draftOf(parseJson(body), null, body).data;
        expect(text).toBe(JSON.stringify(data));
      }),
    );
  });
});
