using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace LexyHub.Core.Http;

/// <summary>Every text of a list matches a pattern. Empty lists are fine.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EachMatchesAttribute(string pattern) : ValidationAttribute
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(1);

    public string Pattern { get; } = pattern;

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var wrong = (value as IEnumerable<string?> ?? [])
            .FirstOrDefault(text => !Regex.IsMatch(text ?? "", Pattern, RegexOptions.CultureInvariant, s_timeout));
        return wrong is null
            ? ValidationResult.Success
            : new ValidationResult(
                $"{validationContext.DisplayName}: '{wrong}' does not match {Pattern}.", [validationContext.MemberName ?? ""]);
    }
}
