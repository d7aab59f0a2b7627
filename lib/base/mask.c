/* SPDX-License-Identifier: MIT */
/*
 * Finds secrets in text and writes the line without them.  The text is read as a sequence of characters, each of which
 * may be escaped in several ways (struct letter).  Keys and query delimiters are matched against the decoded
 * characters; the replacement covers their encoded bytes.
 */
#include "base/mask.h"

#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"

#define NAME_MAX 32
#define PIECE 16 /* this many bytes of a key in an id are no coincidence, although eight might be */

void ad_mask_init(struct ad_mask *mask)
{
    *mask = (struct ad_mask){.keys = NULL};
}

static char upper(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return c;
}

static void keep_pair(struct ad_mask *mask, char first, char second)
{
    size_t pair = (size_t)(unsigned char)first << 8 | (unsigned char)second;

    mask->pairs[pair / 8] = (uint8_t)(mask->pairs[pair / 8] | 1U << pair % 8);
}

static bool has_pair(const struct ad_mask *mask, char first, char second)
{
    size_t pair = (size_t)(unsigned char)first << 8 | (unsigned char)second;

    return (mask->pairs[pair / 8] >> pair % 8 & 1) != 0;
}

int32_t ad_mask_add(struct ad_mask *mask, const char *key)
{
    struct ad_secret secret;
    int32_t status;

    if (strlen(key) < AD_MASK_MIN)
        return ANIMALDETECT_OK;
    for (size_t i = 0; i < mask->count; i++) {
        if (strcmp(mask->keys[i].text, key) == 0)
            return ANIMALDETECT_OK;
    }
    if (mask->count == mask->capacity) {
        /* The table holds pointers only, so growing it leaves no copy of a key behind. */
        size_t capacity = mask->capacity == 0 ? 4 : mask->capacity * 2;
        struct ad_secret *grown = realloc(mask->keys, capacity * sizeof *grown);

        if (!grown)
            return ANIMALDETECT_E_NO_MEMORY;
        mask->keys = grown;
        mask->capacity = capacity;
    }
    ad_secret_init(&secret);
    status = ad_secret_set(&secret, key);
    if (status != ANIMALDETECT_OK)
        return status;
    mask->keys[mask->count++] = secret;
    for (size_t i = 0; i + 1 < secret.size; i++) {
        keep_pair(mask, ad_text_lower(key[i]), ad_text_lower(key[i + 1]));
        keep_pair(mask, ad_text_lower(key[i]), upper(key[i + 1]));
        keep_pair(mask, upper(key[i]), ad_text_lower(key[i + 1]));
        keep_pair(mask, upper(key[i]), upper(key[i + 1]));
    }
    return status;
}

void ad_mask_free(struct ad_mask *mask)
{
    for (size_t i = 0; i < mask->count; i++)
        ad_secret_free(&mask->keys[i]);
    free(mask->keys);
    ad_mask_init(mask);
}

/* One character: its decoded value, and its encoded length in bytes. */
struct letter {
    char meaning;
    size_t size;
};

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A number of `min` to `max` digits; `*used` is the number of digits, 0 for none.  Values above 255 read as 256. */
static unsigned number_at(const char *at, size_t left, int base, size_t min, size_t max, size_t *used)
{
    unsigned number = 0;
    size_t count = 0;

    while (count < max && count < left && digit_of(at[count]) >= 0 && digit_of(at[count]) < base) {
        number = number * (unsigned)base + (unsigned)digit_of(at[count]);
        number = number > 255 ? 256 : number;
        count++;
    }
    *used = count >= min ? count : 0;
    return number;
}

static bool mask_is_plain(unsigned number)
{
    return number > 32 && number < 127;
}

/* Decodes "&#63;", "&#x3f;", "&amp;" (HTML, XML); size 0 if there is none. */
static struct letter entity_at(const char *at, size_t left)
{
    static const struct {
        const char *name;
        char meaning;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&quest;", '?'}};
    bool hex = left > 2 && (at[2] == 'x' || at[2] == 'X');
    size_t head = hex ? 3 : 2;
    size_t used = 0;
    unsigned number;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = strlen(names[i].name);

        if (left >= size && ad_text_same_nocase(at, names[i].name, size))
            return (struct letter){names[i].meaning, size};
    }
    if (left <= head || at[1] != '#')
        return (struct letter){0, 0};
    number = number_at(at + head, left - head, hex ? 16 : 10, 1, 7, &used);
    if (used == 0 || head + used >= left || at[head + used] != ';' || !mask_is_plain(number))
        return (struct letter){0, 0};
    return (struct letter){(char)number, head + used + 1};
}

/* Decodes a character escaped for a URL, JSON or HTML; size 0 if there is none. */
static struct letter escape_at(const char *at, size_t left)
{
    size_t used = 0;
    unsigned number = 0;
    size_t head = 0;

    if (at[0] == '&')
        return entity_at(at, left);
    if (at[0] == '\\' && left > 1 && at[1] == '/')
        return (struct letter){'/', 2};
    if (at[0] == '%') {
        head = 1;
        number = number_at(at + 1, left - 1, 16, 2, 2, &used);
    } else if (at[0] == '\\' && left > 1 && at[1] == 'u') {
        head = 2;
        number = number_at(at + 2, left - 2, 16, 4, 4, &used);
    }
    if (used == 0 || !mask_is_plain(number))
        return (struct letter){0, 0};
    return (struct letter){(char)number, head + used};
}

static struct letter letter_at(const char *at, size_t left)
{
    struct letter escaped = escape_at(at, left);

    return escaped.size > 0 ? escaped : (struct letter){*at, 1};
}

/* Whether the next characters could be part of a key.  A cheap filter: false for nearly all text. */
static bool may_begin(const struct ad_mask *mask, const char *at, size_t left, bool escapes)
{
    struct letter first;
    struct letter second;

    /* what looks like an escape may be part of the key */
    if (left >= 3 && has_pair(mask, at[0], at[1]) && has_pair(mask, at[1], at[2]))
        return true;
    if (!escapes)
        return false;
    first = letter_at(at, left);
    if (first.size >= left)
        return false;
    second = letter_at(at + first.size, left - first.size);
    return has_pair(mask, first.meaning, second.meaning);
}

/* Whether the text contains any escape. */
static bool has_escapes(const char *text, size_t size)
{
    if (size == 0 || (!memchr(text, '%', size) && !memchr(text, '\\', size) && !memchr(text, '&', size)))
        return false;
    for (size_t at = 0; at < size; at++) {
        if ((text[at] == '%' || text[at] == '\\' || text[at] == '&') && escape_at(text + at, size - at).size > 0)
            return true;
    }
    return false;
}

/*
 * Length in bytes of the text that matches the key from its byte `from` on, 0 if fewer than `min` key bytes match.
 * With `escapes` a character may be escaped; without, a '%' matches only a '%'.
 */
static size_t spelled(const struct ad_secret *key, size_t from, const char *at, size_t left, size_t min, bool escapes)
{
    size_t used = 0;
    size_t matched = 0;

    while (from + matched < key->size && used < left) {
        struct letter letter = {at[used], 1};

        if (escapes)
            letter = letter_at(at + used, left - used);
        if (ad_text_lower(letter.meaning) != ad_text_lower(key->text[from + matched]))
            break;
        used += letter.size;
        matched++;
    }
    return matched >= min ? used : 0;
}

/* Length of the longest match here of at least `min` consecutive bytes of a key, or a whole key; 0 for none. */
static size_t key_at(const struct ad_mask *mask, const char *at, size_t left, size_t min, bool escapes)
{
    size_t longest = 0;

    if (!mask || mask->count == 0 || !may_begin(mask, at, left, escapes))
        return 0;
    for (size_t k = 0; k < mask->count; k++) {
        const struct ad_secret *key = &mask->keys[k];
        size_t least = key->size < min ? key->size : min;

        for (size_t from = 0; from + least <= key->size; from++) {
            size_t plain = spelled(key, from, at, left, least, false);
            size_t escaped = escapes ? spelled(key, from, at, left, least, true) : 0;

            longest = plain > longest ? plain : longest;
            longest = escaped > longest ? escaped : longest;
        }
    }
    return longest;
}

/*
 * False if the text cannot contain AD_MASK_MIN consecutive unescaped bytes of a key.  Every two adjacent bytes of such
 * a run are one of the mask's pairs, so it suffices to test one pair per run length, and its neighbors on a hit.
 */
static bool may_hold_key(const struct ad_mask *mask, const char *text, size_t size)
{
    const size_t run = AD_MASK_MIN - 1;

    if (!mask || mask->count == 0)
        return false;
    for (size_t at = run - 1; at + 1 < size; at += run) {
        size_t begin = at;
        size_t end = at;

        if (!has_pair(mask, text[at], text[at + 1]))
            continue;
        while (begin > 0 && at - begin < run && has_pair(mask, text[begin - 1], text[begin]))
            begin--;
        while (end + 2 < size && end - begin < run && has_pair(mask, text[end + 1], text[end + 2]))
            end++;
        if (end - begin + 1 >= run)
            return true;
    }
    return false;
}

/* Whether the text has nothing that can start an escape or a secret other than a key.  Then it is copied unchanged. */
static bool is_plain(const char *text, size_t size)
{
    unsigned char marks = 0;

    for (size_t i = 0; i < size; i++) {
        char c = text[i];

        marks |= (c == '%') | (c == '\\') | (c == '&') | (c == '?') | (c == '=');
    }
    return marks == 0 && ad_text_is_printable_ascii(text, size);
}

/* Ends a query in any text: white space, control characters, a quote, a tag. */
static bool ends_value(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7F || c == '"' || c == '<' || c == '>';
}

static size_t value_size(const char *at, size_t left, bool to_ampersand)
{
    size_t size = 0;

    while (size < left && !ends_value(at[size]) && !(to_ampersand && (at[size] == '&' || at[size] == ',')))
        size++;
    return size;
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Whether the word before `end` names a credential, as in "X-Goog-Signature=". */
static bool names_credential(const char *text, size_t end)
{
    static const char *const tails[] = {"signature", "sig", "token", "credential", "secret", "password", "key"};
    size_t begin = end;

    while (begin > 0 && end - begin < NAME_MAX && is_name_byte(text[begin - 1]))
        begin--;
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        size_t size = strlen(tails[i]);

        if (end - begin >= size && ad_text_same_nocase(text + end - size, tails[i], size))
            return true;
    }
    return false;
}

/* Length of the secret that starts at `at`, 0 for none.  The first `*shown` bytes, the delimiter, are kept. */
static size_t secret_at(const struct ad_mask *mask, const char *text, size_t size, size_t at, bool escapes,
                        struct letter *shown)
{
    size_t left = size - at;
    size_t secret = key_at(mask, text + at, left, AD_MASK_MIN, escapes);
    size_t value = 0;

    *shown = (struct letter){0, 0};
    if (secret > 0)
        return secret;
    *shown = letter_at(text + at, left);
    if (shown->meaning == '?')
        value = value_size(text + at + shown->size, left - shown->size, false);
    else if (shown->meaning == '=' && names_credential(text, at))
        value = value_size(text + at + shown->size, left - shown->size, true);
    return value == 0 ? 0 : shown->size + value;
}

size_t ad_mask_text(const struct ad_mask *mask, char *out, size_t out_size, const char *bytes, size_t size)
{
    struct ad_line line;
    bool escapes;
    size_t at = 0;

    /* The fast path for nearly all text: state words, times, ids. */
    if (size > 0 && size < out_size && is_plain(bytes, size) && !may_hold_key(mask, bytes, size)) {
        memcpy(out, bytes, size);
        out[size] = '\0';
        return size;
    }
    escapes = has_escapes(bytes, size);
    ad_line_init(&line, out, out_size);
    while (at < size) {
        struct letter shown;
        size_t secret = secret_at(mask, bytes, size, at, escapes, &shown);
        bool fits;

        if (secret > 0) {
            char stars[] = {shown.meaning, '*', '*', '*'};

            fits = ad_line_add(&line, shown.size > 0 ? stars : stars + 1, shown.size > 0 ? 4 : 3);
            at += secret;
        } else {
            fits = ad_line_quote(&line, bytes + at, size - at, &secret);
            at += secret;
        }
        if (!fits)
            break;
    }
    return ad_line_end(&line);
}

bool ad_mask_finds(const struct ad_mask *mask, const char *text)
{
    size_t size = strlen(text);
    bool escapes = has_escapes(text, size);

    if (!escapes && !may_hold_key(mask, text, size))
        return false;
    for (size_t at = 0; at < size; at++) {
        if (key_at(mask, text + at, size - at, PIECE, escapes) > 0)
            return true;
    }
    return false;
}
