/* SPDX-License-Identifier: MIT */
/*
 * A self-signed certificate for 127.0.0.1 with its key, made only for these tests, and another certificate that no
 * server here uses. Valid from 2020 to 2120.
 */
#ifndef TESTS_LIVE_CERTIFICATE_H
#define TESTS_LIVE_CERTIFICATE_H

/* clang-format off */
#define TEST_CERTIFICATE \
    "-----BEGIN CERTIFICATE-----\n" \
    "MIIBYzCCAQqgAwIBAgIBATAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1sb29wYmFj\n" \
    "ayB0ZXN0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAYMRYwFAYD\n" \
    "VQQDDA1sb29wYmFjayB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwoEV\n" \
    "DFcu5FizXEiuAZtjIKeBlPI8VhQImDXbi0VnsFJ1XGYNNR7Al/Eed37DQOBqGu40\n" \
    "psLJAypzbKPyqLg656NDMEEwDwYDVR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/\n" \
    "AAABMB0GA1UdDgQWBBQ76+lIPYIM+46JP72PII8gdj41rTAKBggqhkjOPQQDAgNH\n" \
    "ADBEAiB/mla7XQw09d+G0Y4qfCJsosZGX3pxwSJ1BdfJVLgUrwIgaxidJ7n4r9fO\n" \
    "vaWlXnLvpOBU0Lmii7ryITVjwMMNnNA=\n" \
    "-----END CERTIFICATE-----\n"

#define TEST_CERTIFICATE_KEY \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3yQLSDYq6k1sPbSB\n" \
    "P8k7gjnOtK7D/Sxwt4EcJUhUaCWhRANCAATCgRUMVy7kWLNcSK4Bm2Mgp4GU8jxW\n" \
    "FAiYNduLRWewUnVcZg01HsCX8R53fsNA4Goa7jSmwskDKnNso/KouDrn\n" \
    "-----END PRIVATE KEY-----\n"

#define OTHER_CERTIFICATE \
    "-----BEGIN CERTIFICATE-----\n" \
    "MIIBTDCB86ADAgECAgECMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCm90aGVyIHRl\n" \
    "c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBUxEzARBgNVBAMM\n" \
    "Cm90aGVyIHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATUIqQn8Alw+Cy/\n" \
    "Q6h02AT9zsrocOyuaZKsdO3PuPdVC7WsQLf1gN9OIlp3msRZry1sjie10U4asNlH\n" \
    "4Aoia8+IozIwMDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBS2KOK8sPxvdq+a\n" \
    "ByCiGL0Iy3wpEzAKBggqhkjOPQQDAgNIADBFAiEA5a1WijQXDdftz9d5TVIFEbFv\n" \
    "wE57F2sDFKQ8G2MKK64CIFLbEDSPLX+Hp5nkOmR/H92vZQlZuJuYDyKuyBVRwznc\n" \
    "-----END CERTIFICATE-----\n"
/* clang-format on */

#endif
