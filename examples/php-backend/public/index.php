<?php

declare(strict_types=1);

namespace Shop;

use PDOException;
use Throwable;

ini_set('display_errors', '0');
spl_autoload_register(static function (string $class): void {
    require __DIR__ . '/../src/' . basename(strtr($class, '\\', '/')) . '.php';
});

try {
    [$status, $answer] = (new Api(Settings::fromEnvironment(), Request::received()))->answer();
} catch (Refusal $refusal) {
    [$status, $answer] = [$refusal->status, ['error' => $refusal->getMessage()]];
} catch (PDOException $failure) {
    error_log('database: ' . $failure->getMessage());
    [$status, $answer] = [503, ['error' => 'The database did not answer. Send the same request again.']];
} catch (Throwable $failure) {
    error_log(get_class($failure) . ': ' . $failure->getMessage());
    [$status, $answer] = [500, ['error' => 'Something of ours failed; our log says what.']];
}

http_response_code($status);
header('Content-Type: application/json');
header('Cache-Control: no-store');
header('X-Content-Type-Options: nosniff');
echo json_encode($answer, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
