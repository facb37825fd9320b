import { expect, test } from "vitest";
import { listFromText } from "../../src/service/list-text.ts";

test("a page of a list is read out of its XML, where the runtime has no parser", () => {
  const xml =
    "<?xml version='1.0'?>\n<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><IsTruncated>true</IsTruncated>" +
    "<NextContinuationToken>a&amp;b+/=</NextContinuationToken><Contents><Key>a &lt;&#38;&#x1F332;&gt; &quot;&apos;</Key>" +
    "<Size>1</Size></Contents>\n<Contents><Key>b</Key></Contents></ListBucketResult>";
  expect(listFromText(xml)).toEqual({
    Contents: [{ Key: "a <&🌲> \"'" }, { Key: "b" }],
    IsTruncated: true,
    NextContinuationToken: "a&b+/=",
  });
});

test("what is no list is not read as one", () => {
  for (const text of [undefined, "", "<html><Key>a</Key></html>", "<ListBucketResultOf><Key>a</Key>"]) {
    expect(listFromText(text)).toBeUndefined();
  }
  // A list that does not say whether it is all is refused by who asked for it.
  expect(listFromText("<ListBucketResult></ListBucketResult>")).toEqual({ Contents: [] });
});

test("a reference to a character that there is not stays as it is", () => {
  const xml =
    "<ListBucketResult><Key>&#x110000; &#99999999999; &unknown; &constructor;</Key></ListBucketResult>";
  expect(listFromText(xml)?.Contents).toEqual([{ Key: "&#x110000; &#99999999999; &unknown; &constructor;" }]);
});

test("a reference to the last character that there is stands for it", () => {
  const xml = "<ListBucketResult><Key>&#x10ffff;&#1114111;</Key></ListBucketResult>";
  expect(listFromText(xml)?.Contents).toEqual([{ Key: "\u{10ffff}\u{10ffff}" }]);
});
