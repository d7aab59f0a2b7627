/* SPDX-License-Identifier: MIT */
/*
 * Passes trusted certificates to libcurl such that it loads them once and notices when they change.
 *
 * libcurl 7.87 and later keep one certificate store for all connections of a multi handle, but only if it comes from a
 * file alone.  With a directory beside the file, Debian's default, or with certificates in memory
 * (CURLOPT_CAINFO_BLOB), each connection loads all certificates anew: 20 ms and 0.8 MB with the system's.  So the
 * directory is disabled where there is a file, and the host's PEM text becomes a file in memory.  A directory beside
 * the host's certificates would also be trusted, so it is always disabled then.
 *
 * The store, kept connections and TLS sessions all belong to the file's name, and libcurl does not read the file again
 * for a day.  When the file's contents change, libcurl gets another name for it (`respell`), which matches nothing old.
 */
#include "transport/curl/trust.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "animaldetect/types.h"
#include "transport/curl/setting.h"

#define CHECK_MS 1000                        /* minimum time between checks of a file for changes */
#define VERSION_RESTORES_DIRECTORY 0x081100u /* from here on NULL does not disable the default directory */
#define NO_DIRECTORY "/dev/null"

#ifdef __APPLE__
#define CHANGED_OF(status) ((status)->st_ctimespec)
#else
#define CHANGED_OF(status) ((status)->st_ctim)
#endif

struct defaults {
    const char *file;
    const char *directory;
    unsigned version;
};

static struct defaults defaults_of_libcurl(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    struct defaults defaults = {NULL, NULL, info->version_num};

    if (info->age >= CURLVERSION_SEVENTH) {
        defaults.file = info->cainfo;
        defaults.directory = info->capath;
    }
    return defaults;
}

static struct ad_trust_file file_of(const struct stat *status)
{
    return (struct ad_trust_file){status->st_dev, status->st_ino, status->st_size, CHANGED_OF(status)};
}

static bool is_same_file(const struct ad_trust_file *one, const struct ad_trust_file *other)
{
    return one->device == other->device && one->number == other->number && one->size == other->size &&
           one->changed.tv_sec == other->changed.tv_sec && one->changed.tv_nsec == other->changed.tv_nsec;
}

static bool holds_certificates(const char *file)
{
    struct stat status;
    int fd = file == NULL ? -1 : open(file, O_RDONLY | O_CLOEXEC);
    bool holds = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;

    if (fd >= 0)
        (void)close(fd);
    return holds;
}

#define SPELLING_ROOM (2 * 8 * sizeof(unsigned long) + 8)

/*
 * Another name of the same file for each number: "/etc/ca.pem", "/././etc/ca.pem", "/.//./etc/ca.pem" ...: "/." and
 * then for each bit "/." or "/".
 */
static void respell(struct ad_trust *trust, unsigned long number)
{
    bool absolute = trust->source[0] == '/';
    char *end = trust->path;

    if (number > 0) {
        end = stpcpy(end, absolute ? "/." : ".");
        for (; number > 0; number >>= 1)
            end = stpcpy(end, (number & 1) != 0 ? "/." : "/");
        if (!absolute)
            end = stpcpy(end, "/");
    }
    memcpy(end, trust->source, strlen(trust->source) + 1);
}

/* Takes ownership of `source`; NULL means out of memory. */
static int32_t set_source(struct ad_trust *trust, char *source, unsigned long *spellings)
{
    struct stat status;

    trust->source = source;
    trust->path = source == NULL ? NULL : malloc(strlen(source) + SPELLING_ROOM);
    if (trust->path == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    if (stat(source, &status) == 0)
        trust->seen = file_of(&status);
    respell(trust, (*spellings)++);
    return ANIMALDETECT_OK;
}

/* A relative name must not depend on a later chdir of the host. */
static char *absolute_name(const char *file)
{
    char *folder = file[0] == '/' ? NULL : getcwd(NULL, 0);
    char *name = NULL;

    if (folder == NULL)
        return strdup(file);
    if (asprintf(&name, "%s/%s", folder, file) < 0)
        name = NULL;
    free(folder);
    return name;
}

/* The descriptor of a memory file with these bytes, -1 if this system has none. */
static int file_in_memory(const struct curl_blob *bytes)
{
#if defined(__linux__) && defined(MFD_CLOEXEC)
    const char *position = bytes->data;
    size_t left = bytes->len;
    int fd = memfd_create("animaldetect-ca", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    while (fd >= 0 && left > 0) {
        ssize_t written = write(fd, position, left);

        if (written <= 0) {
            (void)close(fd);
            return -1;
        }
        position += written;
        left -= (size_t)written;
    }
    if (fd >= 0)
        (void)fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return fd;
#else
    (void)bytes;
    return -1;
#endif
}

static int32_t set_pem(struct ad_trust *trust, const struct ad_transport_settings *settings, unsigned long *spellings)
{
    char name[32];

    trust->pem = (struct curl_blob){malloc(settings->ca_pem_size), settings->ca_pem_size, CURL_BLOB_NOCOPY};
    if (trust->pem.data == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    memcpy(trust->pem.data, settings->ca_pem, settings->ca_pem_size);
    trust->alone = true;
    trust->fd = file_in_memory(&trust->pem);
    if (trust->fd < 0)
        return ANIMALDETECT_OK;
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", trust->fd);
    if (access(name, R_OK) == 0)
        return set_source(trust, strdup(name), spellings);
    (void)close(trust->fd);
    trust->fd = -1;
    return ANIMALDETECT_OK;
}

static bool is_directory(const char *path)
{
    struct stat status;

    return path != NULL && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Where libcurl restores the default directory it cannot keep a store anyway, so the directory is used too. */
static int32_t set_default(struct ad_trust *trust, unsigned long *spellings)
{
    struct defaults defaults = defaults_of_libcurl();

    if (!holds_certificates(defaults.file)) {
        /* libcurl treats a missing bundle as an error, even if the directory has certificates. */
        trust->no_file = is_directory(defaults.directory);
        return ANIMALDETECT_OK;
    }
    trust->alone = defaults.version < VERSION_RESTORES_DIRECTORY;
    return set_source(trust, strdup(defaults.file), spellings);
}

int32_t ad_trust_new(const struct ad_transport_settings *settings, unsigned long *spellings, struct ad_trust **out)
{
    struct ad_trust *trust = calloc(1, sizeof *trust);
    int32_t status = ANIMALDETECT_E_NO_MEMORY;

    if (trust == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    trust->fd = -1;
    trust->host_file = settings->ca_file == NULL ? NULL : strdup(settings->ca_file);
    if ((trust->host_file == NULL) != (settings->ca_file == NULL))
        goto out;
    if (settings->ca_pem != NULL) {
        status = set_pem(trust, settings, spellings);
    } else if (settings->ca_file != NULL) {
        trust->alone = true;
        status = set_source(trust, absolute_name(settings->ca_file), spellings);
    } else {
        status = set_default(trust, spellings);
    }
out:
    if (status == ANIMALDETECT_OK)
        *out = trust;
    else
        ad_trust_free(trust);
    return status;
}

void ad_trust_free(struct ad_trust *trust)
{
    while (trust != NULL) {
        struct ad_trust *older = trust->older;

        if (trust->fd >= 0)
            (void)close(trust->fd);
        free(trust->host_file);
        free(trust->pem.data);
        free(trust->source);
        free(trust->path);
        free(trust);
        trust = older;
    }
}

bool ad_trust_is_of(const struct ad_trust *trust, const struct ad_transport_settings *settings)
{
    bool has_file = trust->host_file != NULL;
    bool has_pem = trust->pem.data != NULL;

    if (has_pem != (settings->ca_pem != NULL) || has_file != (settings->ca_file != NULL))
        return false;
    if (has_file && strcmp(trust->host_file, settings->ca_file) != 0)
        return false;
    return !has_pem || (trust->pem.len == settings->ca_pem_size &&
                        memcmp(trust->pem.data, settings->ca_pem, settings->ca_pem_size) == 0);
}

/* A missing file is probably being replaced: libcurl continues with what it has loaded. */
bool ad_trust_recheck(struct ad_trust *trust, unsigned long *spellings, int64_t now_ms)
{
    struct ad_trust_file file;
    struct stat status;

    if (trust->source == NULL || trust->fd >= 0 || now_ms - trust->checked_ms < CHECK_MS)
        return false;
    trust->checked_ms = now_ms;
    if (stat(trust->source, &status) != 0)
        return false;
    file = file_of(&status);
    if (is_same_file(&file, &trust->seen))
        return false;
    trust->seen = file;
    respell(trust, (*spellings)++);
    return true;
}

/* Keeps the first failure of a series of calls. */
static void note(CURLcode *first, CURLcode now)
{
    if (*first == CURLE_OK)
        *first = now;
}

/* If libcurl does not know an option, there is nothing that it would disable or change. */
static CURLcode unless_unknown(CURLcode code)
{
    return ad_code_means_absent(code) ? CURLE_OK : code;
}

static CURLcode set_blob(CURL *easy, const struct curl_blob *blob)
{
#if LIBCURL_VERSION_NUM >= 0x074d00
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, blob);

    note(&code, unless_unknown(curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO_BLOB, blob)));
    return code;
#else
    (void)easy;
    return blob == NULL ? CURLE_OK : CURLE_NOT_BUILT_IN;
#endif
}

static CURLcode set_file(CURL *easy, const char *path)
{
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CAINFO, path);

    note(&code, unless_unknown(curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, path)));
    return code;
}

static CURLcode set_directory(CURL *easy, const struct ad_trust *trust)
{
    struct defaults defaults = defaults_of_libcurl();
    const char *path = trust->alone ? NULL : defaults.directory;
    CURLcode code;

    if (trust->alone && defaults.directory != NULL && defaults.version >= VERSION_RESTORES_DIRECTORY)
        path = NO_DIRECTORY;
    code = unless_unknown(curl_easy_setopt(easy, CURLOPT_CAPATH, path));
    note(&code, unless_unknown(curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, path)));
    return code;
}

/* Sets everything, since a pooled handle has the previous settings. */
CURLcode ad_trust_apply(const struct ad_trust *trust, CURL *easy)
{
    bool hosts = trust->pem.data != NULL || trust->host_file != NULL;
    bool as_blob = trust->pem.data != NULL && trust->source == NULL;
    CURLcode code = CURLE_OK;

    if (as_blob) {
        note(&code, set_blob(easy, &trust->pem));
    } else {
        const char *usual = trust->no_file ? NULL : defaults_of_libcurl().file;
        CURLcode file = set_file(easy, trust->source != NULL ? trust->path : usual);

        note(&code, unless_unknown(set_blob(easy, NULL)));
        note(&code, hosts ? file : unless_unknown(file));
    }
    note(&code, set_directory(easy, trust));
    return code;
}
