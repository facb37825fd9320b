// Certificates for servers of tests, and the authority that vouches for them. Their keys are public: trust them nowhere else.
//
// Made with OpenSSL for 127.0.0.1, localhost, own.test and secure.test; those that should be valid are so until 2120.

const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBrjCCAVWgAwIBAgIUK/yYiLT0BlIiQy6I5Fn4a/wwmXEwCgYIKoZIzj0EAwIw
JDEiMCAGA1UEAwwZcmVtb3RlLWxvZyB0ZXN0IGF1dGhvcml0eTAgFw0yNjExMjkx
MTM0MTVaGA8yMTI2MTEwNTExMzQxNVowJDEiMCAGA1UEAwwZcmVtb3RlLWxvZyB0
ZXN0IGF1dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMTVuKfdoJuL
r5KP/YO+Jxg/AUKuUgLKcf4C2FBaM6wATobXyBDRYnUWg3QLYbyIxRNxWp+nMvs+
+m14tLK7A3WjYzBhMB0GA1UdDgQWBBRRABoXIlbGoEHuI7+2JuDCkjg7ATAfBgNV
HSMEGDAWgBRRABoXIlbGoEHuI7+2JuDCkjg7ATAPBgNVHRMBAf8EBTADAQH/MA4G
A1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBEAiA/8iG4iRJf3R3JdKwf7pwf
a3qS5ALPVjY4j/ocveNxVgIgVQuxFeUKbDxb004wriC5gCLchCm3kXN/ml6ACl/L
nhU=
-----END CERTIFICATE-----`;

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg97c54s/a5RAF3DOV
sZEAkgmMs6ImY1xrD7kC3ZuWu++hRANCAAQyDpAhiWU8ABoq/450Fxh9Jrt3Prd2
iBpSqqH+uG+4FitO9uq47+gM9lPTB04CF/TMU2v1cqRh6TJ+sgtlRuSf
-----END PRIVATE KEY-----`;

/** The certificate of the authority, as PEM. Nothing trusts it by itself. */
export const testAuthority: string = AUTHORITY;

/** A certificate with its key, as `node:https` takes them. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What a server can show: one certificate that is right, if the authority is trusted, and others of which each is wrong in one way. */
export const testCertificates: Readonly<
  Record<"good" | "expired" | "early" | "otherHost" | "selfSigned", TestCertificate>
> = {
  /** Right, for who trusts the authority. */
  good: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBsTCCAVagAwIBAgIBATAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlyZW1vdGUt
bG9nIHRlc3QgYXV0aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAw
MDAwWjAaMRgwFgYDVQQDDA9yZW1vdGUtbG9nIHRlc3QwWTATBgcqhkjOPQIBBggq
hkjOPQMBBwNCAAQyDpAhiWU8ABoq/450Fxh9Jrt3Prd2iBpSqqH+uG+4FitO9uq4
7+gM9lPTB04CF/TMU2v1cqRh6TJ+sgtlRuSfo4GAMH4wMQYDVR0RBCowKIcEfwAA
AYIJbG9jYWxob3N0gghvd24udGVzdIILc2VjdXJlLnRlc3QwCQYDVR0TBAIwADAd
BgNVHQ4EFgQUeW80cq20gIJ0LB6inDLRDiOb4I0wHwYDVR0jBBgwFoAUUQAaFyJW
xqBB7iO/tibgwpI4OwEwCgYIKoZIzj0EAwIDSQAwRgIhAOY1LCHMdht3GoKu0eNE
MPUf5Ze9FfS+4yIZguCNp4BaAiEAkvtMdqSOPsLDTnP6ubASfGKyEyO7L//grQAv
BdcAtcE=
-----END CERTIFICATE-----`,
    key: KEY,
  },
  /** Was valid in 2020. */
  expired: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBrTCCAVSgAwIBAgIBATAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlyZW1vdGUt
bG9nIHRlc3QgYXV0aG9yaXR5MB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEwMTAwMDAw
MFowGjEYMBYGA1UEAwwPcmVtb3RlLWxvZyB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZI
zj0DAQcDQgAEMg6QIYllPAAaKv+OdBcYfSa7dz63dogaUqqh/rhvuBYrTvbquO/o
DPZT0wdOAhf0zFNr9XKkYekyfrILZUbkn6OBgDB+MDEGA1UdEQQqMCiHBH8AAAGC
CWxvY2FsaG9zdIIIb3duLnRlc3SCC3NlY3VyZS50ZXN0MAkGA1UdEwQCMAAwHQYD
VR0OBBYEFHlvNHKttICCdCweopwy0Q4jm+CNMB8GA1UdIwQYMBaAFFEAGhciVsag
Qe4jv7Ym4MKSODsBMAoGCCqGSM49BAMCA0cAMEQCIEnLNXj5NDlIpikOCHrmO0Da
d8SjHWet9GhLRZqFBU8LAiBrPHP/E50gWzKrnwn1nwte2rYrVRLdyaK83tLD9Ygr
FQ==
-----END CERTIFICATE-----`,
    key: KEY,
  },
  /** Will be valid from 2110 on. */
  early: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBsTCCAVigAwIBAgIBATAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlyZW1vdGUt
bG9nIHRlc3QgYXV0aG9yaXR5MCIYDzIxMTAwMTAxMDAwMDAwWhgPMjEyMDAxMDEw
MDAwMDBaMBoxGDAWBgNVBAMMD3JlbW90ZS1sb2cgdGVzdDBZMBMGByqGSM49AgEG
CCqGSM49AwEHA0IABDIOkCGJZTwAGir/jnQXGH0mu3c+t3aIGlKqof64b7gWK072
6rjv6Az2U9MHTgIX9MxTa/VypGHpMn6yC2VG5J+jgYAwfjAxBgNVHREEKjAohwR/
AAABgglsb2NhbGhvc3SCCG93bi50ZXN0ggtzZWN1cmUudGVzdDAJBgNVHRMEAjAA
MB0GA1UdDgQWBBR5bzRyrbSAgnQsHqKcMtEOI5vgjTAfBgNVHSMEGDAWgBRRABoX
IlbGoEHuI7+2JuDCkjg7ATAKBggqhkjOPQQDAgNHADBEAiAq9bkfCGXGfYI2DD2t
Vnp+hKCforOjkmXW2TQfpEQVcwIgZsGKgdmwRq7rQYDuP++0aQ5k1T5IqNwJggKv
23+Apm8=
-----END CERTIFICATE-----`,
    key: KEY,
  },
  /** Is that of elsewhere.invalid. */
  otherHost: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBmjCCAUCgAwIBAgIBATAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlyZW1vdGUt
bG9nIHRlc3QgYXV0aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAw
MDAwWjAaMRgwFgYDVQQDDA9yZW1vdGUtbG9nIHRlc3QwWTATBgcqhkjOPQIBBggq
hkjOPQMBBwNCAAQyDpAhiWU8ABoq/450Fxh9Jrt3Prd2iBpSqqH+uG+4FitO9uq4
7+gM9lPTB04CF/TMU2v1cqRh6TJ+sgtlRuSfo2swaTAcBgNVHREEFTATghFlbHNl
d2hlcmUuaW52YWxpZDAJBgNVHRMEAjAAMB0GA1UdDgQWBBR5bzRyrbSAgnQsHqKc
MtEOI5vgjTAfBgNVHSMEGDAWgBRRABoXIlbGoEHuI7+2JuDCkjg7ATAKBggqhkjO
PQQDAgNIADBFAiEAi1k5lwoH5Lj2Cu/Vxdtl6BwkqFz4iBvUu6LLOyfMzNYCIDq6
HsuLwcZXoAdr1OgVmqTtTGHmtpsHz4oEGfWijczm
-----END CERTIFICATE-----`,
    key: KEY,
  },
  /** Signed by itself. */
  selfSigned: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBwTCCAWagAwIBAgIURi7w5geUVbyTQ2SscbA4naznF+UwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPcmVtb3RlLWxvZyB0ZXN0MCAXDTI2MTEyOTExNDQ0NFoYDzIx
MjYxMTA1MTE0NDQ0WjAaMRgwFgYDVQQDDA9yZW1vdGUtbG9nIHRlc3QwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAAQyDpAhiWU8ABoq/450Fxh9Jrt3Prd2iBpSqqH+
uG+4FitO9uq47+gM9lPTB04CF/TMU2v1cqRh6TJ+sgtlRuSfo4GHMIGEMB0GA1Ud
DgQWBBR5bzRyrbSAgnQsHqKcMtEOI5vgjTAfBgNVHSMEGDAWgBR5bzRyrbSAgnQs
HqKcMtEOI5vgjTAPBgNVHRMBAf8EBTADAQH/MDEGA1UdEQQqMCiHBH8AAAGCCWxv
Y2FsaG9zdIIIb3duLnRlc3SCC3NlY3VyZS50ZXN0MAoGCCqGSM49BAMCA0kAMEYC
IQDEmbk5LCnmTTW5H2MYd53UWsNCkQRsBMxD6271mAlMjwIhAOt7LFUDFkAcRjbr
I1FuC+5WS4wDAybX+3ydaj8LbhmY
-----END CERTIFICATE-----`,
    key: KEY,
  },
};
